#include "engine/layers/preprocessing/augmentation.hpp"

#include <algorithm>

namespace layerctl {
namespace {

bool two_numbers(const Value& value, Dialect dialect, double& first, double& second) {
    const Value::Array* items = value.array();
    return items != nullptr && items->size() == 2 && ConfigField<double>::read(items->front(), first, dialect) &&
           ConfigField<double>::read(items->back(), second, dialect);
}

}  // namespace

void Augmentation::config(ConfigIo& io) {
    augmentation_config(io);
    io.ignored("seed");
    if (io.dialect() != Dialect::keras3) return;
    io.ignored("data_format");
    io.ignored("bounding_box_format");
}

Shapes Augmentation::compute_output_shape(const Shapes& in) const {
    require(context().dialect != Dialect::keras3 || in[0].rank() == 3 || in[0].rank() == 4,
            "input must have rank 3 or 4, found shape ", in[0]);
    return {in[0]};
}

bool ConfigField<Factor>::read(const Value& value, Factor& out, Dialect dialect) {
    double low = 0, high = 0;
    if (!two_numbers(value, dialect, low, high) && !ConfigField<double>::read(value, low, dialect)) return false;
    out.source = value;
    return true;
}

bool ConfigField<ValueRange>::read(const Value& value, ValueRange& out, Dialect dialect) {
    if (!two_numbers(value, dialect, out.low, out.high)) return false;
    if (out.low > out.high) std::swap(out.low, out.high);
    return true;
}

void Sampling::config(ConfigIo& io) {
    io.optional("fill_mode", fill_mode);
    io.optional("fill_value", fill_value);
    io.optional("interpolation", interpolation, nearest_or_bilinear);
}

}  // namespace layerctl
