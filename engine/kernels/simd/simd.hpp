// Vector kernels over float32, compiled once per instruction set and chosen for the CPU at run time.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "engine/ops/activation.hpp"
#include "models/tensor.hpp"

namespace layerctl::simd {

/// The instruction set this CPU gets: "AVX2".
const char* target();

/// Floats per vector of that set.
std::size_t lanes();

/// An activation of one number as the vector kernels compute it: a function, then limits. Not every activation is one.
struct Curve {
    Activation::Id id = Activation::Id::linear;  // linear also where the limits say everything
    float alpha = 0;
    float low = -std::numeric_limits<float>::infinity();
    float high = std::numeric_limits<float>::infinity();
};

/// Nothing for activations that look at more than one number, and those there is no vector code for.
std::optional<Curve> curve_of(const Activation& activation);

/// A matrix (k, n) cut into panels of `panel_width()` columns, each with its rows one after the other; the last panel
/// has `lanes()` columns if that is enough. Zeros behind column n.
struct Panels {
    std::size_t k = 0;
    std::size_t n = 0;
    std::size_t width = 0;  // columns of a panel, but for the last
    Tensor panels;          // float32; bfloat16 or int8 where it is narrow
    Tensor bias;            // n numbers and zeros
    Tensor factors;         // of int8: one per column
};
std::size_t panel_width();

/// Rows that a product computes at once.
std::size_t block_rows();

/// Rows whose numbers are still to come; `bias` is empty or holds n.
Panels empty_panels(std::size_t k, std::size_t n, std::span<const float> bias);
void pack_row(Panels& panels, std::size_t row, const float* numbers);

/// All at once: `matrix` holds rows of n numbers.
Panels pack(std::span<const float> matrix, std::size_t k, std::size_t n, std::span<const float> bias);

/// The weights as bfloat16, or as int8 with a factor per column, nearest to them; computing is in float32 all the same.
Panels narrowed(const Panels& panels, DType dtype);

/// Those numbers as float32.
Panels widened(const Panels& panels);

/// y[i, :] = curve(x_i · matrix + bias [+ added_i]). Row x_i consists of segments that need not be neighbours in
/// memory.
struct ProductCall {
    const float* x = nullptr;
    const std::ptrdiff_t* rows = nullptr;  // where row i begins, from x; null: at i · x_stride
    std::ptrdiff_t x_stride = 0;
    std::size_t row_count = 0;
    std::span<const std::ptrdiff_t> segments;  // where they begin, from their row
    std::size_t segment_length = 0;            // segments.size() · segment_length = k
    const Panels* matrix = nullptr;
    const float* weights = nullptr;  // instead of those of the matrix
    float* y = nullptr;
    std::ptrdiff_t y_stride = 0;
    std::size_t first_column = 0;  // only these columns; where panels begin
    std::size_t last_column = static_cast<std::size_t>(-1);
    Curve curve;
    const float* added = nullptr;                // null: nothing; y itself, or elsewhere
    const std::ptrdiff_t* added_rows = nullptr;  // where those of row i begin, from `added`; null: as in y

    /// The same for these rows alone.
    ProductCall some(std::size_t first, std::size_t count) const {
        ProductCall part = *this;
        part.row_count = count;
        if (rows != nullptr) part.rows += first;
        else part.x += static_cast<std::ptrdiff_t>(first) * x_stride;
        part.y += static_cast<std::ptrdiff_t>(first) * y_stride;
        if (added_rows != nullptr) part.added_rows += first;
        else if (added != nullptr) part.added += static_cast<std::ptrdiff_t>(first) * y_stride;
        return part;
    }
};
void product(const ProductCall& call);

/// The panels of the matrix with every row multiplied by its factor.
void multiply_rows(const Panels& matrix, const float* factors, float* panels);

/// y[j] = bias[j] + Σ x[i] · matrix[i, j] for one row, over a matrix as it lies, `stride` floats from row to row.
struct StreamedProduct {
    std::span<const float> x;
    const float* matrix = nullptr;
    std::size_t stride = 0;
    std::span<const float> bias;  // may be empty
    std::span<float> y;
};
void product(const StreamedProduct& call);

/// y = curve(x), n numbers; they may be the same.
void apply(const Curve& curve, const float* x, float* y, std::size_t n);

/// y = curve(x · factor + offset) for rows of as many numbers as the factors.
void scale(const Curve& curve, const float* x, std::span<const float> factor, std::span<const float> offset,
           std::size_t rows, float* y);

/// y = (x − shift) / √(spread + epsilon) · factor + offset for rows of as many numbers as the factors. The spread is
/// the variance, or the mean of squares; the shift the mean, or 0.
struct NormalizeCall {
    bool shifts = true;
    bool about_mean = true;
    double epsilon = 0;
    std::span<const float> factor;
    std::span<const float> offset;
    const float* x = nullptr;
    std::size_t rows = 0;
    float* y = nullptr;
};
void normalize(const NormalizeCall& call);

/// y = x, or x · alpha where x is below 0, for rows of as many numbers as alpha.
void slope(const float* x, std::span<const float> alpha, std::size_t rows, float* y);

/// Numbers side by side, or one number again and again (step 0).
struct Operand {
    const float* x = nullptr;
    std::ptrdiff_t step = 1;
};
enum class Operation { add, subtract, multiply, divide, average, maximum, minimum };

/// y = curve(a ∘ b), n numbers; `average` is (a + b) / divisor. If either is NaN, so are maximum and minimum.
struct CombineCall {
    Operation operation = Operation::add;
    Operand a;
    Operand b = {};
    std::size_t n = 0;
    float divisor = 1;
    float* y = nullptr;  // may be a
    Curve curve = {};
};
void combine(const CombineCall& call);

/// Every row of n numbers in place: e^x / Σ e^x.
void softmax(float* x, std::size_t rows, std::size_t n);

/// y_i = Σ_j softmax_j(query_i · key_j · scale) · value_j; if `causal`, over j ≤ i. Rows lie a stride apart.
struct AttentionHead {
    const float* query = nullptr;
    std::ptrdiff_t query_stride = 0;
    std::size_t queries = 0;
    const float* key = nullptr;
    std::ptrdiff_t key_stride = 0;
    const float* value = nullptr;
    std::ptrdiff_t value_stride = 0;
    std::size_t positions = 0;
    std::size_t key_size = 0;
    std::size_t value_size = 0;
    float scale = 1;
    bool causal = false;
    float* y = nullptr;
    std::ptrdiff_t y_stride = 0;
    float* scratch = nullptr;  // as many floats as `attention_scratch` says for these sizes
};
void attend(const AttentionHead& head);
std::size_t attention_scratch(const AttentionHead& head);

/// Columns of a matrix with `gates` blocks of `units` columns once they are interleaved: a vector of every gate, side
/// by side, for as many units as fill vectors; zeros behind the last unit.
std::size_t gate_columns(std::size_t gates, std::size_t units);
std::vector<float> interleave_gates(std::span<const float> matrix, std::size_t rows, std::size_t gates,
                                    std::size_t units);

/// The recurrent kernel (units, gates · units) for `recurrent_step`: interleaved, the rows of one vector of units after
/// the other.
Panels recurrent_panels(std::span<const float> matrix, std::size_t gates, std::size_t units);

/// One step of a recurrent layer for every row (batch entry).
struct RecurrentStep {
    std::size_t gates = 1;  // 1: SimpleRNN; 3: GRU that resets after the product; 4: LSTM; 2, then 1: any other GRU
    std::size_t units = 0;
    std::size_t rows = 0;
    const float* projected = nullptr;  // x · kernel + bias, columns interleaved
    std::ptrdiff_t projected_stride = 0;
    const Panels* recurrent = nullptr;
    const float* recurrent_bias = nullptr;  // interleaved; of a GRU only
    const float* h = nullptr;               // before the step; r·h as 2 gates made it
    std::ptrdiff_t h_stride = 0;
    const float* before = nullptr;  // h itself, where that is another
    std::ptrdiff_t before_stride = 0;
    float* next = nullptr;  // after it; not where h is
    std::ptrdiff_t next_stride = 0;
    float* kept = nullptr;  // (rows, units): c of an LSTM; z between 2 gates and 1
    Curve activation;
    Curve recurrent_activation;
};
void recurrent_step(const RecurrentStep& step);

/// The same of an LSTM whose products with the recurrent kernel are at hand, in rows like those of `projected`.
void lstm_gates(const RecurrentStep& step, const float* products);

}  // namespace layerctl::simd
