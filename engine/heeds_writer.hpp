// For layers whose meaning hangs on more than the dialect: on the version of Keras that wrote the file.
#pragma once

#include <string>

namespace layerctl {

/// A Layer may derive from this, too.
class HeedsWriter {
public:
    virtual ~HeedsWriter() = default;

    /// The version that wrote the file, or empty. Told after the config has been read, and before shapes are asked for;
    /// never told to a layer inside another one.
    virtual void written_by(const std::string& keras_version) = 0;
};

}  // namespace layerctl
