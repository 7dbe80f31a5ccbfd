// Reshape: the same elements, in row-major order, under another shape.
#include <algorithm>

#include "engine/lowering.hpp"

namespace layerctl {
namespace {

class Reshape final : public Layer, public Lowers {
    std::vector<std::int64_t> target_shape;

    void config(ConfigIo& io) override {
        io.required("target_shape", target_shape, [](const std::vector<std::int64_t>& dims) {
            const bool sizes = std::all_of(dims.begin(), dims.end(), [](std::int64_t dim) { return dim >= -1; });
            return sizes && std::count(dims.begin(), dims.end(), -1) <= 1 ? nullptr : "sizes, at most one of them -1";
        });
    }

    Shapes compute_output_shape(const Shapes& in) const override {
        require(in[0].rank() >= 1, "input must have rank 1 or more, found shape ", in[0]);
        std::vector<std::int64_t> dims = {in[0][0]};
        dims.insert(dims.end(), target_shape.begin(), target_shape.end());
        Shape out(std::move(dims));
        const Shape features = in[0].slice(1, in[0].rank());
        if (!features.is_known()) return {out};
        resolve_open_dim(out, features.elements(), in[0]);
        return {out};
    }

    void resolve_open_dim(Shape& out, std::int64_t features, const Shape& in) const {
        std::int64_t* open = nullptr;
        for (std::size_t axis = 1; axis < out.rank(); ++axis)
            if (out[axis] == Shape::unknown) open = &out[axis];
        if (open != nullptr) *open = 1;
        const std::int64_t product = out.elements(1, out.rank());
        const bool fits = open == nullptr ? product == features : product > 0 && features % product == 0;
        require(fits, "cannot reshape ", in, " to target shape ", Shape(target_shape));
        if (open != nullptr) *open = features / product;
    }

    DType input_dtype(std::size_t, DType given) const override { return keep(given); }
    void call(const Tensors& x, const Weights&, Tensors& y) const override { y[0] = x[0].reshaped(y[0].shape()); }
    std::optional<Request> lower(const Shapes&, const Weights&) const override { return Pass{}; }
};

LAYERCTL_REGISTER_LAYER(Reshape);

}  // namespace
}  // namespace layerctl
