// Hashing: strings, or integers as decimal digits, into num_bins bins; a masked value has the first to itself.
#include <algorithm>

#include "engine/announced_shape.hpp"
#include "engine/layer.hpp"
#include "engine/layers/preprocessing/category_encoder.hpp"
#include "engine/layers/preprocessing/salt.hpp"
#include "models/dispatch.hpp"

namespace layerctl {
namespace {

class Hashing final : public Layer, public AnnouncesShape {
    std::int64_t num_bins = 0;
    std::optional<Salt> salt;
    Value mask_value;
    OutputMode output_mode = OutputMode::integer;

    void config(ConfigIo& io) override {
        io.required("num_bins", num_bins, positive);
        io.optional("salt", salt);
        io.optional("mask_value", mask_value);
        io.optional("output_mode", output_mode, without_tf_idf);
        io.only("sparse", false);
    }

    CategoryEncoder encoder() const { return {output_mode, num_bins, context().dialect}; }

    /// Keras 3 drops a last axis of 1 before one_hot drops another.
    Shape indices_shape(const Shape& in) const {
        const bool drops = context().dialect == Dialect::keras3 && output_mode == OutputMode::one_hot &&
                           in.rank() > 1 && in.back() == 1;
        return drops ? in.slice(0, in.rank() - 1) : in;
    }

    Shapes compute_output_shape(const Shapes& in) const override { return {encoder().shape(indices_shape(in[0]))}; }

    /// In Keras 3 as if every mode put the bins in place of the last axis.
    Shapes announced_output_shape(const Shapes& in, int) const override {
        const Shapes made = compute_output_shape(in);
        const bool replaces = context().dialect == Dialect::keras3 && output_mode != OutputMode::integer;
        return replaces ? Shapes{in[0].with_back(num_bins)} : made;
    }

    DType input_dtype(std::size_t, DType given) const override { return given; }

    DTypes compute_output_dtype(const DTypes& in) const override {
        if (context().dialect != Dialect::keras3 && in[0] != DType::string && !is_integer(in[0]))
            fail(Code::config, "wanted integers or strings, found ", in[0]);
        return {encoded_dtype(output_mode, compute_dtype())};
    }

    bool reserves_a_bin() const { return !mask_value.is_null() && num_bins > 1; }

    /// Which elements equal mask_value; it must be of their kind.
    std::vector<bool> masked(const Tensor& x) const {
        std::vector<bool> found(x.elements());
        if (x.dtype() == DType::string && mask_value.string() != nullptr) {
            std::transform(x.string_values().begin(), x.string_values().end(), found.begin(),
                           [&](const std::string& text) { return text == *mask_value.string(); });
        } else if (x.dtype() != DType::string && mask_value.integer() != nullptr) {
            const Tensor numbers = x.cast(is_floating(x.dtype()) ? DType::float64 : DType::int64);
            with_arithmetic(numbers.dtype(), [&]<class T>(Type<T>) {
                const auto values = numbers.values<T>();
                std::transform(values.begin(), values.end(), found.begin(),
                               [&](T value) { return value == static_cast<T>(*mask_value.integer()); });
            });
        } else {
            fail(Code::input, "wanted elements of the kind of mask_value ", excerpt(mask_value), ", found ", x.dtype());
        }
        return found;
    }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        const Tensor texts = ops::as_strings(is_floating(x[0].dtype()) ? x[0].cast(DType::int64) : x[0]);
        const std::int64_t first = reserves_a_bin() ? 1 : 0;
        const std::vector<bool> is_masked = reserves_a_bin() ? masked(x[0]) : std::vector<bool>(texts.elements());
        Tensor bins = Tensor::uninitialized(DType::int64, indices_shape(x[0].shape()));
        const auto bin = bins.mutable_values<std::int64_t>();
        for (std::size_t i = 0; i < bin.size(); ++i)
            bin[i] = is_masked[i] ? 0 : first + salted_bucket(texts.string_values()[i], num_bins - first, salt);
        encoder().encode(bins, {}, y[0]);
    }
};

LAYERCTL_REGISTER_LAYER(Hashing);

}  // namespace
}  // namespace layerctl
