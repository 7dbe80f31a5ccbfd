// Reductions that leave out NaN (Keras 3.15). Where nothing is left, sums are 0, products 1 and the others NaN.
#include "engine/ops/table/reducing.hpp"

namespace layerctl::ops {
namespace {

constexpr std::string_view signature = "x axis=null keepdims=false";

template <class T>
std::vector<T> numbers_in(const T* first, std::int64_t n) {
    std::vector<T> numbers;
    std::copy_if(first, first + n, std::back_inserter(numbers), [](T v) { return !is_nan(v); });
    return numbers;
}

/// `f` of what is left of each row.
template <class F>
auto of_numbers(F f, bool empty_is_nan) {
    return [f, empty_is_nan]<class T>(const T* first, std::int64_t n) {
        const std::vector<T> numbers = numbers_in(first, n);
        if (numbers.empty() && empty_is_nan) return std::numeric_limits<T>::quiet_NaN();
        return f(numbers.data(), static_cast<std::int64_t>(numbers.size()));
    };
}

DType rule(const Arguments& a) { return float_dtype(a); }

}  // namespace

const OpList& nan_reduction_ops() {
    static const OpList ops = {
        reduction({}, {"Nansum"}, signature, total_dtype, of_numbers(Sum{}, false)),
        reduction({}, {"Nanprod"}, signature, total_dtype, of_numbers(Product{}, false)),
        reduction({}, {"Nanmax"}, signature, number_dtype, of_numbers(Maximum{}, true)),
        reduction({}, {"Nanmin"}, signature, number_dtype, of_numbers(Minimum{}, true)),
        float_reduction({}, {"Nanmean"}, signature, of_numbers(Mean{}, true), rule),
        float_reduction({}, {"Nanvar"}, signature, of_numbers(Variance{}, true), rule),
        float_reduction({}, {"Nanstd"}, signature, of_numbers(Deviation{}, true), rule),
    };
    return ops;
}

}  // namespace layerctl::ops
