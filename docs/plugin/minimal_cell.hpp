// MinimalCell: h' = tanh(x · kernel + h · recurrent_kernel); a recurrent cell with one state.
#pragma once

#include <cmath>

#include <layerctl/plugin.hpp>

namespace my_layers {

using namespace layerctl::plugin;

class MinimalCell final : public Cell {
public:
    static constexpr const char* keys = R"({"units": null})";

    explicit MinimalCell(const Config& config) : units_(config.integer("units")) {
        if (units_ <= 0) throw Failure(LAYERCTL_BAD_CONFIG, "'units' must be positive");
    }

    std::vector<Dims> states(const Spec&) const override { return {{units_}}; }

    std::vector<Spec> outputs(const std::vector<Spec>& in) const override { return {{{in[0].shape.front(), units_}}}; }

    std::vector<Weight> weights(const std::vector<Spec>& in) const override {
        return {{"kernel", {known(in[0].shape.back()), units_}, "uniform"},
                {"recurrent_kernel", {units_, units_}, "uniform"}};
    }

    /// Input 0 is the step's, input 1 the state; output 0 goes on, output 1 is the new state.
    void call(const Call& call) const override {
        with_float(call.input().dtype(), [&](auto zero) {
            using T = decltype(zero);
            T* h = call.output(1).values<T>();
            const std::int64_t count = call.output(1).size();
            std::fill(h, h + count, T{0});
            add_product<T>(call.input(0), call.weight("kernel"), h);
            add_product<T>(call.input(1), call.weight("recurrent_kernel"), h);
            for (std::int64_t i = 0; i < count; ++i) h[i] = std::tanh(h[i]);
            std::copy(h, h + count, call.output(0).values<T>());
        });
    }

private:
    /// y += x · kernel
    template <class T>
    void add_product(const Tensor& x, const Tensor& kernel, T* y) const {
        const T* row = x.values<T>();
        const T* k = kernel.values<T>();
        const std::int64_t rows = x.dim(0), columns = x.dim(1);
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t c = 0; c < columns; ++c)
                for (std::int64_t j = 0; j < units_; ++j) y[i * units_ + j] += row[i * columns + c] * k[c * units_ + j];
    }

    std::int64_t units_;
};

}  // namespace my_layers
