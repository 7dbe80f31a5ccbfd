// Image layers that act in training only: at inference they turn images into the compute dtype and no more.
#pragma once

#include <array>

#include "engine/layer.hpp"
#include "engine/ops/resize.hpp"

namespace layerctl {

class Augmentation : public Layer {
public:
    /// The fields of the layer's own; those that all of these layers have are added.
    virtual void augmentation_config(ConfigIo& io) = 0;

    void config(ConfigIo& io) final;
    Shapes compute_output_shape(const Shapes& in) const override;
    void call(const Tensors& x, const Weights&, Tensors& y) const override { y[0] = x[0]; }
};

/// How far an augmentation may go: a number or the two ends of an interval, as spelled.
struct Factor {
    Value source;

    Factor(double number) : source(number) {}
    Factor(double low, double high) : source(Value::Array{low, high}) {}
    Factor() : Factor(0.0) {}
};

template <>
struct ConfigField<Factor> {
    static std::string wanted(const Factor&) { return "a number or a list of two numbers"; }
    static bool read(const Value& value, Factor& out, Dialect dialect);
    static Value write(const Factor& factor) { return factor.source; }
};

/// The smallest and the largest value of a pixel.
struct ValueRange {
    double low = 0, high = 255;
};

/// Two numbers in either order.
template <>
struct ConfigField<ValueRange> {
    static std::string wanted(const ValueRange&) { return "a list of two numbers"; }
    static bool read(const Value& value, ValueRange& out, Dialect dialect);
    static Value write(const ValueRange& range) { return Value::Array{range.low, range.high}; }
};

/// What stands beyond the edge of a moved image.
enum class FillMode { reflect, wrap, constant, nearest, mirror };

inline constexpr std::array fill_mode_names = {
    EnumName<FillMode>{FillMode::reflect, "reflect"},   EnumName<FillMode>{FillMode::wrap, "wrap"},
    EnumName<FillMode>{FillMode::constant, "constant"}, EnumName<FillMode>{FillMode::nearest, "nearest"},
    EnumName<FillMode>{FillMode::mirror, "mirror"},
};
template <>
struct ConfigField<FillMode> : ConfigEnum<FillMode, fill_mode_names> {};

/// How moved images are sampled.
struct Sampling {
    FillMode fill_mode = FillMode::reflect;
    double fill_value = 0;
    Interpolation interpolation = Interpolation::bilinear;

    void config(ConfigIo& io);
};

/// Checks for ConfigIo.
struct From0To1 {
    const char* operator()(double value) const { return value >= 0 && value <= 1 ? nullptr : "from 0 to 1"; }
};
struct NearestOrBilinear {
    const char* operator()(Interpolation method) const {
        return method == Interpolation::nearest || method == Interpolation::bilinear ? nullptr
                                                                                     : "'nearest' or 'bilinear'";
    }
};
inline constexpr From0To1 from_0_to_1;
inline constexpr NearestOrBilinear nearest_or_bilinear;

}  // namespace layerctl
