// Image resizing as TensorFlow does it: one table of weights per axis, applied along height and then width.
#pragma once

#include <array>

#include "models/config_io.hpp"
#include "models/tensor.hpp"

namespace layerctl {

enum class Interpolation { nearest, bilinear, bicubic, area, lanczos3, lanczos5, gaussian, mitchellcubic };

inline constexpr std::array interpolation_names = {
    EnumName<Interpolation>{Interpolation::nearest, "nearest"},
    EnumName<Interpolation>{Interpolation::bilinear, "bilinear"},
    EnumName<Interpolation>{Interpolation::bicubic, "bicubic"},
    EnumName<Interpolation>{Interpolation::area, "area"},
    EnumName<Interpolation>{Interpolation::lanczos3, "lanczos3"},
    EnumName<Interpolation>{Interpolation::lanczos5, "lanczos5"},
    EnumName<Interpolation>{Interpolation::gaussian, "gaussian"},
    EnumName<Interpolation>{Interpolation::mitchellcubic, "mitchellcubic"},
};
template <>
struct ConfigField<Interpolation> : ConfigEnum<Interpolation, interpolation_names> {};

namespace ops {

/// y (batch, height, width, channels) from x of other height and width; float32 or float64. `antialias` widens the
/// kernel when an axis shrinks (not for nearest and area). Images of the same size are copied but by smoothing kernels.
void resize(Interpolation method, bool antialias, const Tensor& x, Tensor& y);

}  // namespace ops
}  // namespace layerctl
