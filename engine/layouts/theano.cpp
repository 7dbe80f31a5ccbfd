// The Theano backend of Keras 2 convolved with kernels turned around; files say which backend wrote them.
#include <algorithm>
#include <array>
#include <cstring>

#include "engine/layouts/parts.hpp"

namespace layerctl::layouts {
namespace {

constexpr std::array<std::string_view, 5> flipped = {"Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "ConvLSTM2D"};

/// All axes but the last two from the end to the beginning.
Tensor flip(const Tensor& kernel) {
    const auto places = static_cast<std::size_t>(kernel.shape().elements(0, kernel.shape().rank() - 2));
    Tensor y = Tensor::uninitialized(kernel.dtype(), kernel.shape());
    const std::size_t size = places == 0 ? 0 : kernel.byte_size() / places;
    std::byte* to = y.mutable_data();
    for (std::size_t i = 0; i < places && size > 0; ++i)
        std::memcpy(to + i * size, kernel.data() + (places - 1 - i) * size, size);
    return y;
}

}  // namespace

std::vector<StoredWeight> from_theano(const std::vector<Wanted>& wanted, const std::vector<StoredWeight>& stored) {
    std::vector<StoredWeight> weights = stored;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!last_component(wanted[i].spec->name).ends_with("kernel") || stored[i].shape.rank() < 3) continue;
        const std::string class_name = owner_of(*wanted[i].layer).class_name;
        if (std::find(flipped.begin(), flipped.end(), class_name) != flipped.end())
            weights[i] = turned(stored[i], stored[i].shape, flip);
        else if (class_name.find("Conv") != std::string::npos)
            fail(Code::unsupported, "kernels of ", class_name, " written by the Theano backend");
    }
    return weights;
}

}  // namespace layerctl::layouts
