#include "engine/ops/table/requests.hpp"

#include <algorithm>
#include <cmath>

#include "engine/ops/table/rules.hpp"

namespace layerctl::ops {
namespace {

using Kind = Combine::Kind;

/// A number for every place of the last axis, from a constant that is no larger; nothing from others.
std::optional<Tensor> row_of(const Tensor& constant, const Shape& x) {
    const Shape& shape = constant.shape();
    const std::int64_t n = x.back(), own = shape.rank() == 0 ? 1 : shape.back();
    if (shape.rank() > x.rank() || shape.elements() != own || (own != 1 && own != n)) return {};
    return broadcast_to(constant.reshaped({own}), {n});
}

Tensor row_of(std::int64_t n, float number) {
    Tensor row(DType::float32, {n});
    std::ranges::fill(row.mutable_values<float>(), number);
    return row;
}

bool all_of(const Tensor& row, bool (*is_one)(float)) { return std::ranges::all_of(row.values<float>(), is_one); }

/// Weights may take it in: no product or sum with it leaves the range of their numbers, or drowns them.
bool is_moderate(float number) { return number == 0 || (std::abs(number) >= 0x1p-10F && std::abs(number) <= 0x1p10F); }

/// Products with its reciprocal are its quotients.
bool is_power_of_two(float number) {
    int exponent = 0;
    return is_moderate(number) && std::abs(std::frexp(number, &exponent)) == 0.5F;
}

template <class F>
Tensor each(const Tensor& row, const F& f) {
    return mapped<float>(row, [&](float number) { return f(number); });
}

/// x ∘ row as a Scale, if it is one: what comes before may take it in then. A product adds −0, which leaves every
/// number what it is.
std::optional<Request> with_row(Kind kind, const Tensor& row, std::size_t place) {
    const std::int64_t n = row.shape().back();
    const auto negative = [](float number) { return -number; };
    const auto reciprocal = [](float number) { return 1 / number; };
    if (!all_of(row, is_moderate)) return {};
    if (kind == Kind::add) return Scale{row_of(n, 1), row};
    if (kind == Kind::multiply) return Scale{row, row_of(n, -0.0F)};
    if (kind == Kind::subtract && place == 1) return Scale{row_of(n, 1), each(row, negative)};
    if (kind == Kind::subtract) return Scale{row_of(n, -1), row};
    if (kind == Kind::divide && place == 1 && all_of(row, is_power_of_two))
        return Scale{each(row, reciprocal), row_of(n, -0.0F)};
    return {};
}

Shape with_rank(const Shape& shape, std::size_t rank) {
    std::vector<std::int64_t> dims(rank - shape.rank(), 1);
    dims.insert(dims.end(), shape.begin(), shape.end());
    return Shape(std::move(dims));
}

/// x ∘ constant, or constant ∘ x, where the constant is argument `place`. Keras 3 may add constants along other axes
/// than those they have.
std::optional<Request> with_constant(const Arguments& a, Kind kind, std::size_t place) {
    const Tensor constant = a.tensor(a.operand(place), DType::float32);
    const Shape x = a.shape(a.operand(1 - place)), out = pair_shape(a).front();
    const std::optional<Tensor> row = row_of(constant, x);
    if (row)
        if (std::optional<Request> request = with_row(kind, *row, place)) return request;
    if (!row && kind == Kind::add && a.keras3()) return {};
    const Tensor aligned = constant.reshaped(with_rank(constant.shape(), out.rank()));
    const Combine combine{.kind = kind, .constant = aligned, .place = place};
    if (x.rank() == out.rank()) return combine;
    return reshaped(combine, {with_rank(x, out.rank())}, out);
}

}  // namespace

Op lowered(Op op, Lower lower) {
    op.lower = std::move(lower);
    return op;
}

Request reshaped(Request request, Shapes in, Shape out) {
    return Reshaped{
        std::make_shared<const AnyRequest>(AnyRequest{std::move(request)}), std::move(in), {std::move(out)}};
}

bool is_input(const Operand& operand, std::size_t place) {
    return operand.kind == Operand::Kind::tensor && operand.input == place;
}

std::optional<Request> combined(const Arguments& a, Combine::Kind kind) {
    const Operand &left = a.operand(0), &right = a.operand(1);
    if (is_input(left, 0) && right.kind == Operand::Kind::constant) return with_constant(a, kind, 1);
    if (left.kind == Operand::Kind::constant && is_input(right, 0)) return with_constant(a, kind, 0);
    if (!is_input(left, 0) || !is_input(right, 1)) return {};
    const Shape x = a.shape(left), y = a.shape(right), out = pair_shape(a).front();
    if (x.rank() == y.rank()) return Combine{kind};
    return reshaped(Combine{kind}, {with_rank(x, out.rank()), with_rank(y, out.rank())}, out);
}

std::optional<Request> joined_inputs(const Arguments& a, std::size_t axis, const Shapes& as, const Shape& out) {
    const std::vector<const Operand*> parts = a.list("x");
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (!is_input(*parts[i], i) || as[i].with(axis, 1) != out.with(axis, 1)) return {};
    return reshaped(Join{axis}, as, out);
}

std::optional<Request> passed_on(const Arguments& a) {
    if (!is_input(a.operand(0), 0)) return {};
    return Pass{};
}

std::optional<Request> activated(const Arguments& a, Activation activation) {
    if (!is_input(a.operand(0), 0)) return {};
    return Elementwise{std::move(activation)};
}

std::optional<Request> reduced_to(const Arguments& a, Pooling pooling) {
    constexpr std::int64_t longest_mean = 1 << 16;
    const std::vector<std::size_t> axes = axes_or_all(a);
    if (!is_input(a.operand("x"), 0) || axes.empty() || axes.back() - axes.front() + 1 != axes.size()) return {};
    const Shape x = a.shape("x");
    const std::size_t behind = axes.back() + 1;
    const Shape image{x.elements(0, axes.front()), x.elements(axes.front(), behind), x.elements(behind, x.rank())};
    if (pooling == Pooling::average && image[1] > longest_mean) return {};
    return reshaped(Reduce{.pooling = pooling}, {image}, Shape{image[0], image[2]});
}

}  // namespace layerctl::ops
