#include "engine/layers/reshaping/margins.hpp"

#include <cstring>

#include "engine/ops/move.hpp"

namespace layerctl {
namespace {

// A pair of numbers, or one for both; not below zero.
bool read_margin(const Value& value, Margin& out) {
    if (const std::int64_t* both = value.integer()) out = {*both, *both};
    else if (const Value::Array* pair = value.array();
             pair != nullptr && pair->size() == 2 && (*pair)[0].integer() && (*pair)[1].integer())
        out = {*(*pair)[0].integer(), *(*pair)[1].integer()};
    else return false;
    return out.before >= 0 && out.after >= 0;
}

}  // namespace

std::string ConfigField<Margins>::wanted(const Margins& margins) {
    if (margins.sides.size() == 1) return "an integer or a pair of integers, none below zero";
    return cat("an integer or ", margins.sides.size(), " integers or pairs of integers, none below zero");
}

bool ConfigField<Margins>::read(const Value& value, Margins& out, Dialect) {
    if (value.integer() || out.sides.size() == 1) {
        if (!read_margin(value, out.sides.front())) return false;
        std::fill(out.sides.begin(), out.sides.end(), out.sides.front());
        return true;
    }
    const Value::Array* axes = value.array();
    if (axes == nullptr || axes->size() != out.sides.size()) return false;
    for (std::size_t i = 0; i < axes->size(); ++i)
        if (!read_margin((*axes)[i], out.sides[i])) return false;
    return true;
}

Value ConfigField<Margins>::write(const Margins& margins) {
    Value::Array axes;
    for (const Margin& side : margins.sides) axes.push_back(Value::array({side.before, side.after}));
    return margins.sides.size() == 1 ? axes.front() : Value(axes);
}

// Along time data_format came with Keras 3, for ZeroPadding only.
void MarginLayer::config(ConfigIo& io) {
    io.optional(key, margins);
    if (margins.sides.size() > 1 || (sign > 0 && io.dialect() == Dialect::keras3))
        io.optional("data_format", data_format);
}

Shapes MarginLayer::compute_output_shape(const Shapes& in) const {
    const std::size_t rank = margins.sides.size();
    require(in[0].rank() == rank + 2, "input must have rank ", rank + 2, ", found shape ", in[0]);
    Shape out = in[0];
    for (std::size_t i = 0; i < rank; ++i) {
        std::int64_t& size = out[first_axis() + i];
        const std::int64_t both = ops::plus(margins.sides[i].before, margins.sides[i].after);
        require(sign > 0 || size == Shape::unknown || both < size, "cannot crop ", both, " of ", size, " elements");
        size = ops::plus(size, sign * both);
    }
    return {out};
}

void MarginLayer::call(const Tensors& x, const Weights&, Tensors& y) const {
    std::vector<std::int64_t> offset(x[0].shape().rank(), 0);
    for (std::size_t i = 0; i < margins.sides.size(); ++i) offset[first_axis() + i] = sign * margins.sides[i].before;
    if (y[0].byte_size() > 0) std::memset(y[0].mutable_data(), 0, y[0].byte_size());
    ops::place(x[0], offset, y[0]);
}

std::optional<Request> MarginLayer::lower(const Shapes& in, const Weights&) const {
    Pad pad;
    pad.before.assign(in[0].rank(), 0);
    pad.behind = pad.before;
    for (std::size_t i = 0; i < margins.sides.size(); ++i) {
        pad.before[first_axis() + i] = sign * margins.sides[i].before;
        pad.behind[first_axis() + i] = sign * margins.sides[i].after;
    }
    return pad;
}

}  // namespace layerctl
