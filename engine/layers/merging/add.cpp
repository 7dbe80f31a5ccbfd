// Add: the sum of the inputs.
#include "engine/layers/merging/merge.hpp"

namespace layerctl {
namespace {

class Add final : public Merge {
public:
    Add() : Merge(Combine::Kind::add) {}

private:
    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        with_arithmetic(y[0].dtype(),
                        [&]<class T>(Type<T>) { fold<T>(x, y[0], [](T a, T b) { return static_cast<T>(a + b); }); });
    }
};

LAYERCTL_REGISTER_LAYER(Add);

}  // namespace
}  // namespace layerctl
