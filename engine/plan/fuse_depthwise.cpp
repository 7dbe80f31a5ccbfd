// A depthwise convolution and the products of single pixels around it (an inverted residual, Sandler et al. 2018) are
// computed together, so that what lies between them stays near.
#include <algorithm>

#include "engine/kernels/simd/simd.hpp"
#include "engine/plan/passes.hpp"

namespace layerctl::plan {
namespace {

/// The product that a convolution is whose windows are single pixels.
std::optional<Product> pointwise(const Convolution& request) {
    const ops::ConvShape& shape = request.shape;
    const auto keeps_size = [](const ops::WindowAxis& axis) { return axis.stride == 1 && axis.in == axis.out; };
    if (shape.groups != 1 || !reads_pixels(shape.axes) || !std::ranges::all_of(shape.axes, keeps_size)) return {};
    if (request.gated || !simd::curve_of(request.activation)) return {};
    return Product{request.kernel, request.bias, request.activation, request.factor, request.adds.has_value()};
}

bool may_stand_between(const Depthwise& request) {
    return request.shape.filters == request.shape.channels && simd::curve_of(request.activation);
}

/// Behind the product that makes its channels.
bool expand(Request& into, const Depthwise& request) {
    const auto* convolution = std::get_if<Convolution>(&into);
    if (convolution == nullptr || !may_stand_between(request)) return false;
    std::optional<Product> product = pointwise(*convolution);
    if (!product || product->adds) return false;
    into = Separable{.depthwise = request, .product = {}, .expand = std::move(product)};
    return true;
}

/// The depthwise convolution with the product behind it.
std::optional<Separable> projected(const Request& before, Product product) {
    if (const auto* depthwise = std::get_if<Depthwise>(&before); depthwise != nullptr && may_stand_between(*depthwise))
        return Separable{.depthwise = *depthwise, .product = std::move(product), .expand = {}};
    const auto* separable = std::get_if<Separable>(&before);
    if (separable == nullptr || separable->product) return {};
    return Separable{separable->depthwise, std::move(product), separable->expand};
}

void project(Operations& operations, Operation& operation) {
    const auto* convolution = operation.asks_for<Convolution>();
    std::optional<Product> product = convolution == nullptr ? std::nullopt : pointwise(*convolution);
    Operation* producer = product ? operations.producer_for_one(operation.inputs[0]) : nullptr;
    if (producer == nullptr || !producer->request) return;
    std::optional<Separable> separable = projected(*producer->request, *std::move(product));
    if (!separable) return;
    operation.request = *std::move(separable);
    operations.merge_into_later(*producer, operation);
}

}  // namespace

void fuse_depthwise(Operations& operations) {
    operations.absorb_each<Depthwise>(expand);
    for (Operation& operation : operations.all) project(operations, operation);
}

}  // namespace layerctl::plan
