// Linear: y = x · w + b along the last axis; a layer with two weights.
#pragma once

#include <layerctl/plugin.hpp>

namespace my_layers {

using namespace layerctl::plugin;

class Linear final : public Layer {
public:
    static constexpr const char* keys = R"({"units": null})";

    explicit Linear(const Config& config) : units_(config.integer("units")) {
        if (units_ <= 0) throw Failure(LAYERCTL_BAD_CONFIG, "'units' must be positive");
    }

    std::vector<Spec> outputs(const std::vector<Spec>& in) const override {
        if (in[0].shape.size() < 2) throw Failure(LAYERCTL_BAD_SHAPE, "wanted a batch of rows or more");
        Dims shape = in[0].shape;
        shape.back() = units_;
        return {{shape}};
    }

    std::vector<Weight> weights(const std::vector<Spec>& in) const override {
        return {{"w", {known(in[0].shape.back()), units_}, "random_normal"}, {"b", {units_}, "zeros"}};
    }

    void call(const Call& call) const override {
        with_float(call.input().dtype(), [&](auto zero) {
            using T = decltype(zero);
            const Tensor x = call.input();
            const T* row = x.values<T>();
            const T* w = call.weight("w").values<T>();
            const T* b = call.weight("b").values<T>();
            T* y = call.output().values<T>();
            const std::int64_t columns = x.dim(-1), rows = call.output().size() / units_;
            for (std::int64_t i = 0; i < rows; ++i, row += columns, y += units_) {
                std::copy(b, b + units_, y);
                for (std::int64_t k = 0; k < columns; ++k)
                    for (std::int64_t j = 0; j < units_; ++j) y[j] += row[k] * w[k * units_ + j];
            }
        });
    }

private:
    std::int64_t units_;
};

}  // namespace my_layers
