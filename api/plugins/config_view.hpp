// The config of one layer as its plug-in sees it.
#pragma once

#include <deque>
#include <vector>

#include "api/plugin.h"
#include "engine/layer.hpp"

namespace layerctl::plugins {

/// Good for one call of `create`.
class ConfigView {
public:
    /// `values` is an object.
    ConfigView(const Value& values, const LayerContext& context);
    ConfigView(const ConfigView&) = delete;
    ConfigView& operator=(const ConfigView&) = delete;

    const layerctl_config* border() const { return &border_; }

    /// Code::config for a key the class does not list, and for a value of another kind.
    template <class T>
    T get(const char* key) const;

    const char* text(const char* key);

    /// A list that lives as long as the view.
    const std::vector<std::int64_t>& integers(const char* key);
    const std::vector<double>& numbers(const char* key);

    bool is_null(const char* key) const { return find(key).is_null(); }

private:
    const Value& find(const char* key) const;

    const Value& values_;
    const LayerContext& context_;
    std::string json_;
    std::deque<std::string> texts_;
    std::deque<std::vector<std::int64_t>> integers_;
    std::deque<std::vector<double>> numbers_;
    layerctl_config border_;
};

}  // namespace layerctl::plugins
