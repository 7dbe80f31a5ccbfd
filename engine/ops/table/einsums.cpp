// Einstein sums of any number of operands.
#include <algorithm>
#include <map>

#include "engine/ops/einsum.hpp"
#include "engine/ops/table/contraction.hpp"

namespace layerctl::ops {
namespace {

/// One label per axis of each operand and of the result. The axes of "..." have labels below 0, counted from the last.
struct Equation {
    std::vector<std::vector<int>> operands;
    std::vector<int> result;
    std::map<int, std::int64_t> sizes;
};

std::vector<std::string> parts_of(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text)
        if (c == ',') parts.emplace_back();
        else parts.back() += c;
    return parts;
}

std::vector<int> labels(const std::string& text, std::size_t dots) {
    std::vector<int> result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.compare(i, 3, "...") == 0) {
            for (std::size_t k = dots; k > 0; --k) result.push_back(-static_cast<int>(k));
            i += 2;
        } else if (std::isalpha(static_cast<unsigned char>(text[i])) != 0) result.push_back(text[i]);
        else fail(Code::config, "an equation with '", text[i], "'");
    }
    return result;
}

/// Without "->": the axes of "...", then the letters that occur once, in the order of the alphabet.
std::vector<int> implied(const std::vector<std::vector<int>>& operands) {
    std::map<int, int> counts;
    for (const auto& operand : operands)
        for (const int label : operand) ++counts[label];
    std::vector<int> result;
    for (const auto& [label, count] : counts)
        if (label < 0 || count == 1) result.push_back(label);
    return result;
}

Equation equation(const Arguments& a) {
    std::string text = a.text("subscripts");
    std::erase(text, ' ');
    const std::size_t arrow = text.find("->");
    const std::vector<std::string> parts = parts_of(text.substr(0, arrow));
    const auto operands = a.list("operands");
    if (parts.size() != operands.size())
        fail(Code::config, "wanted an equation of ", operands.size(), " operands, found '", text, "'");
    Equation plan;
    std::size_t most_dots = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Shape shape = a.shape(*operands[i]);
        const std::size_t letters = labels(parts[i], 0).size();
        if (letters > shape.rank()) fail(Code::shape, "wanted rank ", letters, ", found shape ", shape);
        const std::size_t dots = shape.rank() - letters;
        plan.operands.push_back(labels(parts[i], dots));
        if (plan.operands.back().size() != shape.rank())
            fail(Code::shape, "wanted rank ", letters, ", found shape ", shape);
        most_dots = std::max(most_dots, dots);
        for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
            const int label = plan.operands.back()[axis];
            std::int64_t& size = plan.sizes.try_emplace(label, shape[axis]).first->second;
            const bool broadcast = label < 0 && (size == 1 || shape[axis] == 1);
            if (size != shape[axis] && size != Shape::unknown && shape[axis] != Shape::unknown && !broadcast)
                fail(Code::shape, "an axis of '", text, "' is ", size, " and ", shape[axis], " long");
            size = std::max(size, shape[axis]);
        }
    }
    plan.result = arrow == std::string::npos ? implied(plan.operands) : labels(text.substr(arrow + 2), most_dots);
    for (const int label : plan.result)
        if (plan.sizes.count(label) == 0 || std::count(plan.result.begin(), plan.result.end(), label) != 1)
            fail(Code::config, "an axis of the result of '", text, "' is in no operand, or twice in the result");
    return plan;
}

Shapes einsum_shape(const Arguments& a) {
    const Equation plan = equation(a);
    std::vector<std::int64_t> dims;
    for (const int label : plan.result) dims.push_back(plan.sizes.at(label));
    return {Shape(std::move(dims))};
}

DType einsum_dtype(const Arguments& a) {
    const DType dtype = tensors_dtype(a, a.list("operands"));
    if (dtype == DType::boolean) fail(Code::unsupported, "an einsum of booleans");
    return dtype == DType::int8 ? DType::int32 : dtype;
}

/// How far apart neighbours along each loop are in an operand.
std::vector<std::int64_t> steps(const std::vector<int>& operand, const Shape& shape, const std::vector<int>& loops) {
    std::vector<std::int64_t> result(loops.size(), 0);
    for (std::size_t axis = 0; axis < operand.size(); ++axis) {
        if (shape[axis] == 1) continue;
        const auto loop = std::find(loops.begin(), loops.end(), operand[axis]) - loops.begin();
        result[static_cast<std::size_t>(loop)] += shape.elements(axis + 1, shape.rank());
    }
    return result;
}

/// The sum over all labels at once; the loops of the result come first.
template <class T>
Tensor summed(const Equation& plan, const Tensors& operands, const Shape& out) {
    std::vector<int> loops = plan.result;
    for (const auto& [label, size] : plan.sizes)
        if (std::find(loops.begin(), loops.end(), label) == loops.end()) loops.push_back(label);
    std::vector<std::vector<std::int64_t>> moves;
    for (std::size_t i = 0; i < operands.size(); ++i)
        moves.push_back(steps(plan.operands[i], operands[i].shape(), loops));
    std::vector<std::int64_t> sizes, at(loops.size(), 0), offsets(operands.size(), 0);
    std::int64_t inner = 1;
    for (std::size_t k = 0; k < loops.size(); ++k) {
        sizes.push_back(plan.sizes.at(loops[k]));
        if (k >= plan.result.size()) inner *= sizes[k];
    }
    Tensor y(dtype_of<T>, out);
    if (inner == 0) return y;
    for (T& value : y.mutable_values<T>()) {
        double sum = 0;
        for (std::int64_t n = 0; n < inner; ++n) {
            double product = 1;
            for (std::size_t i = 0; i < operands.size(); ++i)
                product *= static_cast<double>(operands[i].values<T>()[static_cast<std::size_t>(offsets[i])]);
            sum += product;
            for (std::size_t k = loops.size(); k-- > 0;) {
                const bool wraps = ++at[k] == sizes[k];
                for (std::size_t i = 0; i < operands.size(); ++i) offsets[i] += wraps ? -moves[i][k] * (sizes[k] - 1) : moves[i][k];
                if (!wraps) break;
                at[k] = 0;
            }
        }
        value = static_cast<T>(sum);
    }
    return y;
}

/// Two operands without a letter twice in one, which are matrix products.
bool is_product(const Equation& plan) {
    if (plan.operands.size() != 2) return false;
    for (const auto& operand : plan.operands)
        for (const int label : operand)
            if (label < 0 || std::count(operand.begin(), operand.end(), label) != 1) return false;
    return true;
}

std::string letters(const std::vector<int>& labels) {
    std::string text;
    for (const int label : labels) text += static_cast<char>(label);
    return text;
}

Tensors einsum_run(const Arguments& a) {
    const DType result = einsum_dtype(a), dtype = computed_dtype(a, result);
    const Equation plan = equation(a);
    Tensors operands;
    for (const Operand* operand : a.list("operands")) operands.push_back(a.made_tensor(*operand, dtype));
    if (is_product(plan))
        return {einsum({letters(plan.operands[0]), letters(plan.operands[1]), letters(plan.result)}, operands[0], operands[1])
                    .cast(carried(result))};
    return with_float(dtype, [&]<class T>(Type<T>) {
        return Tensors{summed<T>(plan, operands, einsum_shape(a).front()).cast(carried(result))};
    });
}

}  // namespace

const OpList& einsum_ops() {
    static const OpList ops = {{{}, {"Einsum"}, "*operands subscripts", einsum_shape, einsum_dtype, einsum_run}};
    return ops;
}

}  // namespace layerctl::ops
