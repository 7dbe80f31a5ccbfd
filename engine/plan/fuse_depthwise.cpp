// A depthwise convolution and the products of single pixels around it (an inverted residual, Sandler et al. 2018) are
// computed together, so that what lies between them stays near.
#include <algorithm>

#include "engine/kernels/simd/simd.hpp"
#include "engine/plan/passes.hpp"

namespace layerctl::plan {
namespace {

/// The product that a convolution is whose windows are single pixels.
std::optional<Product> pointwise(const Convolution& request) {
    const auto is_pixel = [](const ops::WindowAxis& axis) {
        return axis.size == 1 && axis.stride == 1 && axis.before == 0 && axis.in == axis.out;
    };
    if (request.shape.groups != 1 || !std::ranges::all_of(request.shape.axes, is_pixel)) return {};
    if (!simd::curve_of(request.activation)) return {};
    return Product{request.kernel, request.bias, request.activation, request.factor};
}

bool may_stand_between(const Depthwise& request) {
    return request.shape.filters == request.shape.channels && simd::curve_of(request.activation);
}

/// Behind the product that makes its channels.
bool expand(Request& into, const Depthwise& request) {
    const auto* convolution = std::get_if<Convolution>(&into);
    if (convolution == nullptr || !may_stand_between(request)) return false;
    std::optional<Product> product = pointwise(*convolution);
    if (!product) return false;
    into = Separable{.depthwise = request, .product = {}, .expand = std::move(product)};
    return true;
}

bool project(Request& into, const Convolution& request) {
    std::optional<Product> product = pointwise(request);
    if (!product) return false;
    if (const auto* depthwise = std::get_if<Depthwise>(&into); depthwise != nullptr && may_stand_between(*depthwise)) {
        into = Separable{.depthwise = Depthwise(*depthwise), .product = std::move(product), .expand = {}};
        return true;
    }
    auto* separable = std::get_if<Separable>(&into);
    if (separable == nullptr || separable->product) return false;
    separable->product = std::move(product);
    return true;
}

}  // namespace

void fuse_depthwise(Operations& operations) {
    operations.absorb_each<Depthwise>(expand);
    operations.absorb_each<Convolution>(project);
}

}  // namespace layerctl::plan
