// CategoryEncoding: category indices as one-hot, multi-hot or counted vectors; counts may be weighted.
#include "engine/announced_shape.hpp"
#include "engine/layer.hpp"
#include "engine/layers/preprocessing/category_encoder.hpp"

namespace layerctl {
namespace {

constexpr auto without_int = [](OutputMode mode) {
    return mode == OutputMode::integer || mode == OutputMode::tf_idf ? "one_hot, multi_hot or count" : nullptr;
};

class CategoryEncoding final : public Layer, public AnnouncesShape {
    std::int64_t num_tokens = 0;
    OutputMode output_mode = OutputMode::multi_hot;

    void config(ConfigIo& io) override {
        io.required({"num_tokens", "max_tokens"}, num_tokens, positive);
        io.optional("output_mode", output_mode, without_int);
        io.only("sparse", false);
    }

    CategoryEncoder encoder() const { return {output_mode, num_tokens, context().dialect}; }

    std::vector<std::string> call_arguments() const override { return {"inputs", "count_weights"}; }

    Shapes compute_output_shape(const Shapes& in) const override {
        if (in.size() > 1) {
            if (output_mode != OutputMode::count)
                fail(Code::config, "wanted no count_weights as output_mode is not count");
            require(in[1].is_compatible_with(in[0]), "wanted count_weights of the inputs' shape ", in[0], ", found ",
                    in[1]);
        }
        return {encoder().shape(in[0])};
    }

    /// In Keras 3 as if counts took the place of the last axis.
    Shapes announced_output_shape(const Shapes& in, int) const override {
        const Shapes made = compute_output_shape(in);
        const bool replaces = context().dialect == Dialect::keras3 && output_mode != OutputMode::one_hot;
        return replaces ? Shapes{in[0].with_back(num_tokens)} : made;
    }

    DType input_dtype(std::size_t i, DType given) const override { return i == 0 ? given : compute_dtype(); }

    DTypes compute_output_dtype(const DTypes& in) const override {
        if (in[0] == DType::string) fail(Code::config, "wanted integers, found strings");
        return {compute_dtype()};
    }

    /// Keras 2 takes no index outside the categories. Keras 3 leaves them out, but where it counts by TensorFlow's
    /// bincount, which takes no negative ones.
    void check(const Tensor& x) const {
        const Dialect dialect = context().dialect;
        const bool counts = x.shape().rank() <= 2 && output_mode != OutputMode::one_hot;
        const Tensor numbers = x.cast(DType::float64);
        for (const double index : numbers.values<double>()) {
            const bool below = dialect == Dialect::keras3 ? counts && index <= -1 : index < 0;
            const bool above = dialect != Dialect::keras3 && index >= static_cast<double>(num_tokens);
            if (below || above) fail(Code::input, "wanted indices in [0, ", num_tokens, "), found ", index);
        }
    }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        check(x[0]);
        const Tensor weights = x.size() > 1 ? x[1].cast(y[0].dtype()) : Tensor();
        encoder().encode(x[0].cast(DType::int64), weights, y[0]);
    }
};

LAYERCTL_REGISTER_LAYER(CategoryEncoding);

}  // namespace
}  // namespace layerctl
