// Where all that read an image are convolutions that leave out most of its pixels, those need not be computed: the
// convolution before them leaves them out instead.
#include <algorithm>

#include "engine/plan/passes.hpp"

namespace layerctl::plan {
namespace {

using ops::WindowAxes;
using ops::WindowAxis;

bool leaves_out_pixels(const WindowAxes& axes) {
    const auto leaves_out = [](const WindowAxis& axis) { return axis.stride > 1; };
    return reads_pixels(axes) && std::ranges::any_of(axes, leaves_out);
}

/// The pixels that all these convolutions read; nothing if they do not read the same, or all there are.
std::optional<WindowAxes> pixels_read(const std::vector<Operation*>& readers) {
    std::optional<WindowAxes> common;
    for (Operation* reader : readers) {
        const Convolution* convolution = reader->asks_for<Convolution>();
        if (convolution == nullptr || !leaves_out_pixels(convolution->shape.axes)) return {};
        const WindowAxes& axes = convolution->shape.axes;
        for (std::size_t i = 0; common && i < axes.size(); ++i)
            if (axes[i].stride != (*common)[i].stride || axes[i].out != (*common)[i].out) return {};
        common = axes;
    }
    return common;
}

/// The images (batch, sizes…, channels) that a convolution over the last of these axes makes.
Shape made_images(const Shape& shape, const WindowAxes& axes) {
    Shape out = shape;
    const std::size_t absent = axes.size() + 2 - shape.rank();
    for (std::size_t i = 1; i + 1 < shape.rank(); ++i) out[i] = axes[absent + i - 1].out;
    return out;
}

void leave_out(WindowAxes& axes, const WindowAxes& pixels) {
    for (std::size_t i = 0; i < axes.size(); ++i) {
        axes[i].stride *= pixels[i].stride;
        axes[i].out = pixels[i].out;
    }
}

/// Lets an operation compute only what its readers read, if they all leave out the same.
void leave_out_unread(Operations& operations, Operation& operation, Convolution& convolution) {
    const EdgeId made = operation.outputs[0];
    Shape& shape = operations.shapes[made];
    const std::vector<Operation*> readers = operations.first_readers(made);
    const std::optional<WindowAxes> pixels = pixels_read(readers);
    if (!pixels || shape.rank() > pixels->size() + 2 || made_images(shape, convolution.shape.axes) != shape) return;
    const auto may_be = [&](const Operation* reader) { return operations.ignores_masks(*reader); };
    if (!operations.ignores_masks(operation) || !std::ranges::all_of(readers, may_be)) return;
    leave_out(convolution.shape.axes, *pixels);
    if (convolution.adds) leave_out(*convolution.adds, *pixels);
    shape = made_images(shape, *pixels);
    operation.is_reshaped = true;
    for (Operation* reader : readers) {
        WindowAxes& axes = reader->asks_for<Convolution>()->shape.axes;
        axes = in_place(axes);
        reader->is_reshaped = true;
    }
}

}  // namespace

void move_strides(Operations& operations) {
    for (std::size_t i = operations.all.size(); i-- > 0;)
        if (Convolution* convolution = operations.all[i].asks_for<Convolution>())
            leave_out_unread(operations, operations.all[i], *convolution);
}

}  // namespace layerctl::plan
