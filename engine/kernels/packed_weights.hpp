// Weights as kernels want them, made once: the plans of a graph differ in shapes, not in weights.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "models/dtype.hpp"

namespace layerctl {

class PackedWeights {
public:
    /// By the nodes of a graph that are computed together, and a name. Several threads may use it for different nodes.
    struct Store {
        using Key = std::pair<std::vector<std::size_t>, std::string>;

        std::shared_ptr<const void>& place(const Key& key) {
            const std::lock_guard lock(mutex);
            return made[key];
        }

        std::mutex mutex = {};
        std::map<Key, std::shared_ptr<const void>> made = {};
    };

    PackedWeights(Store& store, std::vector<std::size_t> nodes, DType precision)
        : store_(&store), nodes_(std::move(nodes)), precision_(precision) {}

    /// What products of few rows keep their weights as: float32, bfloat16 or int8.
    DType precision() const { return precision_; }

    /// Names of its own for a part of what the nodes compute.
    PackedWeights part(const std::string& name) const {
        PackedWeights part = *this;
        part.prefix_ += name + "/";
        return part;
    }

    /// What `make` made for the plan that asked first; a name stands for one type and one way to make it. Copies share
    /// their tensors' memory.
    template <class Make>
    auto get(const std::string& name, const Make& make) const {
        using Made = decltype(make());
        std::shared_ptr<const void>& place = store_->place({nodes_, prefix_ + name});
        if (place == nullptr) place = std::make_shared<const Made>(make());
        return Made(*std::static_pointer_cast<const Made>(place));
    }

private:
    Store* store_;
    std::vector<std::size_t> nodes_;
    DType precision_;
    std::string prefix_;
};

}  // namespace layerctl
