// The different elements of a tensor, as many as there are.
#include <algorithm>
#include <map>
#include <numeric>

#include "engine/ops/table/rules.hpp"
#include "engine/ops/table/take.hpp"

namespace layerctl::ops {
namespace {

/// For each different element, where it is first, how often it comes, and for each element, which one it is.
struct Different {
    std::vector<std::int64_t> first, counts, which;
};

template <class T>
Different different(std::span<const T> x, bool sorted) {
    Different found;
    std::map<T, std::int64_t> known;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const auto [at, is_new] = known.try_emplace(x[i], static_cast<std::int64_t>(found.first.size()));
        if (is_new) {
            found.first.push_back(static_cast<std::int64_t>(i));
            found.counts.push_back(0);
        }
        ++found.counts[static_cast<std::size_t>(at->second)];
        found.which.push_back(at->second);
    }
    if (!sorted) return found;
    Different in_order = found;
    std::int64_t place = 0;
    std::vector<std::int64_t> places(found.first.size());
    for (const auto& [value, old] : known) {
        in_order.first[static_cast<std::size_t>(place)] = found.first[static_cast<std::size_t>(old)];
        in_order.counts[static_cast<std::size_t>(place)] = found.counts[static_cast<std::size_t>(old)];
        places[static_cast<std::size_t>(old)] = place++;
    }
    for (std::int64_t& which : in_order.which) which = places[static_cast<std::size_t>(which)];
    return in_order;
}

bool asked(const Arguments& a, std::string_view flag) { return a.has(flag) && a.flag(flag); }

DType index_dtype(const Arguments& a) { return a.has("out_idx") ? a.dtype_named("out_idx") : DType::int32; }

std::vector<DType> dtypes(const Arguments& a) {
    std::vector<DType> result(4, index_dtype(a));
    result[0] = number_dtype(a);
    return result;
}

// TensorFlow returns the elements and which one each is; Keras 3 what it is asked for.
Shapes shapes(const Arguments& a) {
    const Shape x = a.shape("x");
    if (!a.keras3() && x.rank() != 1) fail(Code::shape, "wanted a vector, found shape ", x);
    Shapes result = {Shape{Shape::unknown}};
    if (asked(a, "return_index")) result.push_back(result[0]);
    if (asked(a, "return_inverse")) result.push_back(x);
    if (asked(a, "return_counts")) result.push_back(result[0]);
    return result;
}

Tensors unique(const Arguments& a) {
    const Tensor x = x_itself(a).reshaped(Shape{a.shape("x").elements()});
    Different found;
    with_arithmetic(x.dtype(), [&]<class T>(Type<T>) { found = different<T>(x.values<T>(), asked(a, "sorted")); });
    const auto row = [&](const std::vector<std::int64_t>& numbers) {
        return Tensor::from(Shape{static_cast<std::int64_t>(numbers.size())}, numbers).cast(index_dtype(a));
    };
    Tensors y = {take(x, 0, found.first)};
    if (asked(a, "return_index")) y.push_back(row(found.first));
    if (asked(a, "return_inverse")) y.push_back(row(found.which).reshaped(a.shape("x")));
    if (asked(a, "return_counts")) y.push_back(row(found.counts));
    return y;
}

}  // namespace

const OpList& unique_ops() {
    static constexpr std::string_view keras3 =
        "x sorted=true return_index=false return_inverse=false return_counts=false !axis=null !size=null ~fill_value";
    static const OpList ops = {
        {{"unique"}, {}, "x out_idx=int32 return_inverse=true", shapes, dtypes, unique},
        {{"unique_with_counts"}, {}, "x out_idx=int32 return_inverse=true return_counts=true", shapes, dtypes, unique},
        {{}, {"Unique"}, keras3, shapes, dtypes, unique},
    };
    return ops;
}

}  // namespace layerctl::ops
