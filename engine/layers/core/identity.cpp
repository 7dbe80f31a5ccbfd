// Identity: y = x.
#include "engine/layers/core/pass_through.hpp"

namespace layerctl {
namespace {

class Identity final : public PassThrough {
    void config(ConfigIo&) override {}
    bool supports_masking() const override { return context().dialect == Dialect::keras3; }
};

LAYERCTL_REGISTER_LAYER(Identity);

}  // namespace
}  // namespace layerctl
