// ActivityRegularization: a loss of its own in training; hands its input on.
#include "engine/layers/core/pass_through.hpp"

namespace layerctl {
namespace {

class ActivityRegularization final : public PassThrough {
    void config(ConfigIo& io) override {
        io.ignored("l1");
        io.ignored("l2");
    }
};

LAYERCTL_REGISTER_LAYER(ActivityRegularization);

}  // namespace
}  // namespace layerctl
