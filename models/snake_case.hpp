// Names Keras derives from class names.
#pragma once

#include <string>

namespace layerctl {

/// "Conv2DTranspose" -> "conv2d_transpose", as Keras names layers that were given no name (formats.md 3.1).
std::string snake_case(const std::string& class_name);

}  // namespace layerctl
