#include "engine/ops/table/spatial_rules.hpp"

#include <algorithm>

#include "engine/ops/move.hpp"
#include "models/error.hpp"
#include "models/lower_case.hpp"

namespace layerctl::ops {
namespace {

std::array<std::int64_t, 2> zeros_of(const Value& value) {
    const Value::Array* pair = value.array();
    if (pair == nullptr || pair->size() != 2 || (*pair)[0].integer() == nullptr || (*pair)[1].integer() == nullptr)
        fail(Code::unsupported, "argument 'padding': wanted [before, after] per axis, found ", excerpt(value));
    const std::array<std::int64_t, 2> zeros = {*(*pair)[0].integer(), *(*pair)[1].integer()};
    if (zeros[0] < 0 || zeros[1] < 0)
        fail(Code::config, "argument 'padding': wanted zero or more, found ", excerpt(value));
    return zeros;
}

WindowPadding explicit_padding(const Arguments& a, const Value::Array& axes, std::size_t rank) {
    if (a.keras3() || axes.size() != rank + 2)
        fail(Code::unsupported, "argument 'padding': wanted [before, after] for ", rank + 2, " axes, found ",
             excerpt(a.constant("padding")));
    const std::size_t first = data_format(a) == DataFormat::channels_last ? 1 : 2;
    WindowPadding result;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const auto zeros = zeros_of(axes[i]);
        if (i >= first && i < first + rank) result.zeros.push_back(zeros);
        else if (zeros[0] + zeros[1] != 0) fail(Code::config, "argument 'padding' of batch or channels");
    }
    return result;
}

}  // namespace

DataFormat data_format(const Arguments& a) {
    if (!a.has("data_format") || !a.given("data_format")) return DataFormat::channels_last;
    const std::string& name = a.text("data_format");
    for (const std::string_view first : {"channels_first", "NCW", "NCHW", "NCDHW"})
        if (name == first) return DataFormat::channels_first;
    for (const std::string_view last : {"channels_last", "NWC", "NHWC", "NDHWC"})
        if (name == last) return DataFormat::channels_last;
    fail(Code::unsupported, "argument 'data_format': wanted 'channels_last' or 'channels_first', found '", name, "'");
}

void require_bounded(std::int64_t size, std::string_view name) {
    if (size > std::int64_t{1} << 24) fail(Code::refused, "argument '", name, "': a size of ", size);
}

std::vector<std::int64_t> per_spatial_axis(const Arguments& a, std::string_view name, std::size_t rank) {
    if (!a.given(name)) return std::vector<std::int64_t>(rank, 1);
    std::vector<std::int64_t> sizes = a.integers(name);
    if (sizes.size() == 1) sizes.assign(rank, sizes[0]);
    if (sizes.size() == rank + 2 && !a.keras3()) {
        const bool last = data_format(a) == DataFormat::channels_last;
        if (sizes.front() != 1 || sizes[last ? rank + 1 : 1] != 1)
            fail(Code::unsupported, "argument '", name, "' for batch or channels, found ", Shape(sizes));
        sizes.erase(last ? sizes.end() - 1 : sizes.begin());
        sizes.erase(sizes.begin());
    }
    if (sizes.size() != rank)
        fail(Code::config, "argument '", name, "': wanted ", rank, " sizes, found ", sizes.size());
    for (const std::int64_t size : sizes) {
        if (size < 1) fail(Code::config, "argument '", name, "': wanted positive sizes, found ", size);
        require_bounded(size, name);
    }
    return sizes;
}

WindowPadding window_padding(const Arguments& a, std::size_t rank) {
    if (const Value::Array* axes = a.constant("padding").array()) return explicit_padding(a, *axes, rank);
    const std::string name = lower_case(a.text("padding"));
    if (name != "valid" && name != "same")
        fail(Code::unsupported, "argument 'padding': wanted 'valid' or 'same', found '", a.text("padding"), "'");
    return {name == "same" ? Padding::same : Padding::valid, {}};
}

Shape WindowPadding::padded(Shape spatial) const {
    for (std::size_t i = 0; i < zeros.size(); ++i) spatial[i] = plus(spatial[i], plus(zeros[i][0], zeros[i][1]));
    return spatial;
}

Tensor with_zeros(const Tensor& x, const WindowPadding& padding) {
    if (padding.zeros.empty()) return x;
    auto parts = SpatialShape::split(x.shape(), padding.zeros.size(), DataFormat::channels_last);
    parts.spatial = padding.padded(parts.spatial);
    std::vector<std::int64_t> offset(parts.batch.rank(), 0);
    for (const auto& zeros : padding.zeros) offset.push_back(zeros[0]);
    offset.push_back(0);
    Tensor y(x.dtype(), parts.joined(DataFormat::channels_last));
    place(x, offset, y);
    return y;
}

}  // namespace layerctl::ops
