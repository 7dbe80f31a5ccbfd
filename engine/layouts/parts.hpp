// What the layouts share. Internal to engine/layouts.
#pragma once

#include <functional>
#include <optional>

#include "engine/layouts/layouts.hpp"

namespace layerctl::layouts {

/// "kernel" of "forward_layer/cell/kernel".
std::string_view last_component(std::string_view name);

/// The layer that owns a weight: the one inside TimeDistributed and Bidirectional.
struct Owner {
    std::string class_name;
    bool channels_first = false;
};
Owner owner_of(const LayerSpec& layer);

/// Units and gates (3 of a GRU, 4 of an LSTM) if `wanted[at]` begins a kernel, recurrent_kernel and bias of one cell.
struct Gates {
    std::int64_t units = 0;
    std::int64_t count = 0;
};
std::optional<Gates> gates_at(const std::vector<Wanted>& wanted, std::size_t at);

/// `stored`, described with another shape and turned by `turn` when it is read.
StoredWeight turned(const StoredWeight& stored, Shape shape, std::function<Tensor(const Tensor&)> turn);

std::vector<StoredWeight> from_keras1(const std::vector<Wanted>& wanted, const std::vector<StoredWeight>& stored);
std::vector<StoredWeight> from_theano(const std::vector<Wanted>& wanted, const std::vector<StoredWeight>& stored);
std::vector<StoredWeight> from_and_to_cudnn(const std::vector<Wanted>& wanted, const std::vector<StoredWeight>& stored);

}  // namespace layerctl::layouts
