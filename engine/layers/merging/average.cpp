// Average: the mean of the inputs.
#include "engine/layers/merging/merge.hpp"

namespace layerctl {
namespace {

class Average final : public Merge {
public:
    Average() : Merge(Combine::Kind::average) {}

private:
    DTypes compute_output_dtype(const DTypes& in) const override {
        const DType sum = Merge::compute_output_dtype(in)[0];
        if (is_floating(sum)) return {sum};
        return {dtype_size(sum) < 4 ? DType::float32 : DType::float64};  // TensorFlow's true division of integers
    }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        with_float(y[0].dtype(), [&]<class T>(Type<T>) {
            fold<T>(x, y[0], [](T a, T b) { return a + b; });
            for (T& value : y[0].mutable_values<T>()) value /= static_cast<T>(x.size());
        });
    }
};

LAYERCTL_REGISTER_LAYER(Average);

}  // namespace
}  // namespace layerctl
