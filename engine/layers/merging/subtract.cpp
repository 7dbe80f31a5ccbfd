// Subtract: the first input minus the second.
#include "engine/layers/merging/merge.hpp"

namespace layerctl {
namespace {

class Subtract final : public Merge {
public:
    Subtract() : Merge(Combine::Kind::subtract) {}

private:
    std::size_t least_inputs() const override { return 2; }
    std::size_t most_inputs() const override { return 2; }

    void call(const Tensors& x, const Weights&, Tensors& y) const override {
        with_arithmetic(y[0].dtype(),
                        [&]<class T>(Type<T>) { fold<T>(x, y[0], [](T a, T b) { return static_cast<T>(a - b); }); });
    }
};

LAYERCTL_REGISTER_LAYER(Subtract);

}  // namespace
}  // namespace layerctl
