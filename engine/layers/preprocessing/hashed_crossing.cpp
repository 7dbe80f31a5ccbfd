// HashedCrossing: two or more features, each an integer or string per sample, hashed together into num_bins bins.
#include "engine/layer.hpp"
#include "engine/layers/preprocessing/category_encoder.hpp"
#include "engine/ops/hash.hpp"

namespace layerctl {
namespace {

constexpr auto int_or_one_hot = [](OutputMode mode) {
    return mode == OutputMode::integer || mode == OutputMode::one_hot ? nullptr : "int or one_hot";
};

class HashedCrossing final : public Layer {
    std::int64_t num_bins = 0;
    OutputMode output_mode = OutputMode::integer;

    void config(ConfigIo& io) override {
        io.required("num_bins", num_bins, positive);
        io.optional("output_mode", output_mode, int_or_one_hot);
        io.only("sparse", false);
    }

    CategoryEncoder encoder() const { return {output_mode, num_bins, context().dialect}; }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in.size() >= 2, "wanted two inputs or more, found ", in.size());
        for (const Shape& shape : in)
            require(shape == in[0] && (shape.rank() == 1 || (shape.rank() == 2 && shape[1] == 1)),
                    "wanted inputs of one shape, (batch,) or (batch, 1), found ", in);
        return {encoder().shape(in[0])};
    }

    DType input_dtype(std::size_t, DType given) const override { return given; }

    DTypes compute_output_dtype(const DTypes& in) const override {
        for (const DType dtype : in)
            if (dtype != DType::string && !is_integer(dtype))
                fail(Code::config, "wanted integers or strings, found ", dtype);
        return {encoded_dtype(output_mode, compute_dtype())};
    }

    /// What a feature adds to the hash: integers themselves, the fingerprints of strings.
    static std::vector<std::uint64_t> features(const Tensor& x) {
        std::vector<std::uint64_t> values;
        values.reserve(x.elements());
        if (x.dtype() == DType::string) {
            for (const std::string& text : x.string_values()) values.push_back(ops::fingerprint64(text));
        } else {
            const Tensor integers = x.cast(DType::int64);
            for (const std::int64_t value : integers.values<std::int64_t>())
                values.push_back(static_cast<std::uint64_t>(value));
        }
        return values;
    }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        std::vector<std::uint64_t> hashes(x[0].elements(), ops::default_cross_key);
        for (const Tensor& feature : x) {
            const std::vector<std::uint64_t> values = features(feature);
            for (std::size_t i = 0; i < hashes.size(); ++i) hashes[i] = ops::fingerprint_cat64(hashes[i], values[i]);
        }
        Tensor bins = Tensor::uninitialized(DType::int64, x[0].shape());
        const auto bin = bins.mutable_values<std::int64_t>();
        for (std::size_t i = 0; i < bin.size(); ++i)
            bin[i] = static_cast<std::int64_t>(hashes[i] % static_cast<std::uint64_t>(num_bins));
        encoder().encode(bins, {}, y[0]);
    }
};

LAYERCTL_REGISTER_LAYER(HashedCrossing);

}  // namespace
}  // namespace layerctl
