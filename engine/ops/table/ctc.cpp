// Decoding of connectionist temporal classification.
#include <algorithm>

#include "engine/ops/table/rules.hpp"

namespace layerctl::ops {
namespace {

using DTypes = std::vector<DType>;

DType score_dtype(const Arguments& a) {
    const DType dtype = a.dtype("x");
    if (dtype != DType::float32 && dtype != DType::float64) fail(Code::unsupported, "decoding of ", dtype);
    return dtype;
}

// (1, batch, time) labels and (batch, 1) scores.
Shapes decoded_shape(const Arguments& a) {
    const Shape x = a.shape("x");
    if (x.rank() != 3) fail(Code::shape, "wanted (batch, time, classes), found shape ", x);
    if (a.text("strategy") != "greedy")
        fail(Code::unsupported, "argument 'strategy': wanted 'greedy', found '", a.text("strategy"), "'");
    return {Shape{1, x[0], x[1]}, Shape{x[0], 1}};
}

// The likeliest class of each step, repetitions merged and blanks left out; what is left over is −1. The score is the
// negative sum of the values chosen.
Tensors decode(const Arguments& a) {
    const Tensor x = x_as(a, score_dtype(a));
    const std::int64_t batch = x.shape()[0], time = x.shape()[1], classes = x.shape()[2];
    const Tensor lengths = a.tensor(a.operand("sequence_lengths"), DType::int64);
    if (lengths.shape() != Shape{batch} || classes < 1)
        fail(Code::shape, "wanted a length for each of ", batch, " samples, found shape ", lengths.shape());
    const std::int64_t blank = a.given("mask_index") ? a.integer("mask_index") : classes - 1;
    std::vector<std::int32_t> labels(static_cast<std::size_t>(batch * time), -1);
    std::vector<double> scores(static_cast<std::size_t>(batch));
    with_float(x.dtype(), [&]<class T>(Type<T>) {
        for (std::int64_t b = 0; b < batch; ++b) {
            const std::int64_t length = lengths.values<std::int64_t>()[static_cast<std::size_t>(b)];
            if (length < 0 || length > time) fail(Code::input, "a sequence of ", length, " steps of ", time);
            std::int32_t* to = labels.data() + b * time;
            std::int64_t previous = -1;
            for (std::int64_t t = 0; t < length; ++t) {
                const T* const step = x.values<T>().data() + (b * time + t) * classes;
                const std::int64_t best = std::max_element(step, step + classes) - step;
                scores[static_cast<std::size_t>(b)] -= static_cast<double>(step[best]);
                const bool again = best == previous && a.flag("merge_repeated");
                if (best != (blank < 0 ? blank + classes : blank) && !again) *to++ = static_cast<std::int32_t>(best);
                previous = best;
            }
        }
    });
    return {Tensor::from(Shape{1, batch, time}, labels), Tensor::from(Shape{batch, 1}, scores).cast(x.dtype())};
}

}  // namespace

const OpList& ctc_ops() {
    static const OpList ops = {
        {{},
         {"CTCDecode"},
         "x|inputs sequence_lengths strategy=greedy ~beam_width ~top_paths merge_repeated=true mask_index=0",
         decoded_shape,
         [](const Arguments& a) {
             return DTypes{DType::int32, score_dtype(a)};
         },
         decode},
    };
    return ops;
}

}  // namespace layerctl::ops
