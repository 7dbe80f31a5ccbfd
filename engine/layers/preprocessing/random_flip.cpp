// RandomFlip: mirrors images, in training only.
#include "engine/layers/preprocessing/augmentation.hpp"

namespace layerctl {
namespace {

enum class FlipMode { horizontal_and_vertical, horizontal, vertical };

constexpr std::array flip_mode_names = {
    EnumName<FlipMode>{FlipMode::horizontal_and_vertical, "horizontal_and_vertical"},
    EnumName<FlipMode>{FlipMode::horizontal, "horizontal"},
    EnumName<FlipMode>{FlipMode::vertical, "vertical"},
};

}  // namespace

template <>
struct ConfigField<FlipMode> : ConfigEnum<FlipMode, flip_mode_names> {};

namespace {

class RandomFlip final : public Augmentation {
    FlipMode mode = FlipMode::horizontal_and_vertical;

    void augmentation_config(ConfigIo& io) override { io.optional("mode", mode); }
};

LAYERCTL_REGISTER_LAYER(RandomFlip);

}  // namespace
}  // namespace layerctl
