// Reductions: sums, means, extremes and quantifiers.
#include "engine/ops/table/reducing.hpp"

#include "engine/ops/table/requests.hpp"

namespace layerctl::ops {
namespace {

struct PeakToPeak {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        return static_cast<T>(Maximum{}(first, n) - Minimum{}(first, n));
    }
};

struct LogSumExp {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        const double top = Maximum{}(first, n);
        if (!std::isfinite(top)) return static_cast<T>(top);
        double sum = 0;
        for (std::int64_t i = 0; i < n; ++i) sum += std::exp(first[i] - top);
        return static_cast<T>(top + std::log(sum));
    }
};

struct EuclideanNorm {
    template <class T>
    T operator()(const T* first, std::int64_t n) const {
        double squares = 0;
        for (std::int64_t i = 0; i < n; ++i) squares += static_cast<double>(first[i]) * static_cast<double>(first[i]);
        return static_cast<T>(std::sqrt(squares));
    }
};

DType mean_dtype(const Arguments& a) { return a.keras3() ? float_dtype(a) : number_dtype(a); }

/// Keras 3 multiplies in the dtype of x if it is asked for another one.
DType product_dtype(const Arguments& a) { return a.given("dtype") ? number_dtype(a) : total_dtype(a); }

Tensors quantified(const Arguments& a, bool any) {
    return {reduced<bool>(a, x_as(a, DType::boolean), [any](const bool* first, std::int64_t n) {
        return (std::find(first, first + n, any) != first + n) == any;
    })};
}

Op quantifier(Names tf, Names keras3, bool any) {
    const auto dtype = [](const Arguments& a) {
        if (!a.keras3() && a.dtype("x") != DType::boolean)
            fail(Code::unsupported, "wanted booleans, found ", a.dtype("x"));
        return DType::boolean;
    };
    return {std::move(tf),       std::move(keras3), reduction_signature,
            reduced_shape,       dtype,             [any](const Arguments& a) { return quantified(a, any); }};
}

/// Keras 3's extremes: of booleans any or all of them, and no further than `initial`.
template <class F>
Op extreme(Names keras3, bool largest, F f) {
    Op op = reduction({}, std::move(keras3), "x axis=null keepdims=false initial=null", number_dtype, f);
    op.dtype = same_dtype;
    op.run = [largest, numbers = op.run](const Arguments& a) -> Tensors {
        const bool booleans = a.dtype("x") == DType::boolean;
        Tensors y = booleans ? quantified(a, largest) : numbers(a);
        if (!a.given("initial")) return y;
        if (booleans) fail(Code::unsupported, "argument 'initial' for booleans");
        if (is_integer(a.dtype("x")) && a.constant("initial").integer() == nullptr)
            fail(Code::unsupported, "argument 'initial': wanted an integer, found ", excerpt(a.constant("initial")));
        const double limit = a.number("initial");
        with_arithmetic(y[0].dtype(), [&]<class T>(Type<T>) {
            const T end = static_cast<T>(limit);
            for (T& v : y[0].template mutable_values<T>()) v = largest ? Largest{}(v, end) : Smallest{}(v, end);
        });
        return y;
    };
    return op;
}

Op count_nonzero(Names tf, Names keras3, std::string_view signature) {
    const auto dtype = [](const Arguments& a) { return a.keras3() ? DType::int32 : a.dtype_named("dtype"); };
    return {std::move(tf), std::move(keras3), signature, reduced_shape, dtype, [dtype](const Arguments& a) -> Tensors {
                const Tensor counts = reduced<bool>(a, x_as(a, DType::boolean), [](const bool* first, std::int64_t n) {
                    return static_cast<std::int64_t>(std::count(first, first + n, true));
                });
                return {counts.cast(dtype(a)).cast(carried(dtype(a)))};
            }};
}

OpList totals() {
    static constexpr std::string_view with_dtype = "x axis=null keepdims=false dtype=null";
    return {
        reduction({"math.reduce_sum", "reduce_sum"}, {"Sum"}, reduction_signature, total_dtype, Sum{}),
        reduction({"math.reduce_prod", "reduce_prod"}, {}, reduction_signature, total_dtype, Product{}),
        reduction({}, {"Prod"}, with_dtype, product_dtype, Product{}),
        lowered(reduction({"math.reduce_mean", "reduce_mean"}, {}, reduction_signature, mean_dtype, Mean{}),
                reducing<Pooling::average>),
        lowered(float_reduction({}, {"Mean"}, reduction_signature, Mean{}), reducing<Pooling::average>),
        float_reduction({"math.reduce_variance"}, {"Var"}, reduction_signature, Variance{}),
        float_reduction({"math.reduce_std"}, {"Std"}, reduction_signature, Deviation{}),
        float_reduction({"math.reduce_logsumexp", "reduce_logsumexp"}, {"Logsumexp"}, reduction_signature, LogSumExp{},
                        only_float_dtype),
        float_reduction({"math.reduce_euclidean_norm"}, {}, reduction_signature, EuclideanNorm{}),
    };
}

OpList extremes() {
    return {
        lowered(reduction({"math.reduce_max", "reduce_max"}, {}, reduction_signature, number_dtype, Maximum{}),
                reducing<Pooling::max>),
        reduction({"math.reduce_min", "reduce_min"}, {}, reduction_signature, number_dtype, Minimum{}),
        lowered(extreme({"Max", "Amax"}, true, Maximum{}),
                [](const Arguments& a) { return a.given("initial") ? std::nullopt : reduced_to(a, Pooling::max); }),
        extreme({"Min", "Amin"}, false, Minimum{}),
        reduction({}, {"Ptp"}, reduction_signature, number_dtype, PeakToPeak{}),
        quantifier({"math.reduce_any", "reduce_any"}, {"Any"}, true),
        quantifier({"math.reduce_all", "reduce_all"}, {"All"}, false),
        count_nonzero({"math.count_nonzero"}, {}, "x|input axis=null keepdims=null dtype=int64"),
        count_nonzero({}, {"CountNonzero"}, "x axis=null"),
    };
}

}  // namespace

const OpList& reduction_ops() {
    static const OpList ops = [] {
        OpList list = totals();
        for (Op& op : extremes()) list.push_back(std::move(op));
        return list;
    }();
    return ops;
}

}  // namespace layerctl::ops
