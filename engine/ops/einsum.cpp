#include "engine/ops/einsum.hpp"

#include <algorithm>
#include <numeric>

#include "engine/ops/matmul.hpp"
#include "engine/ops/rows.hpp"
#include "engine/ops/spatial.hpp"
#include "models/dispatch.hpp"

namespace layerctl::ops {
namespace {

bool has(const std::string& labels, char label) { return labels.find(label) != std::string::npos; }

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Term {
    std::string before, after;  // letters around "..."
    bool ellipsis = false;
};

Term parse_term(const std::string& text, const std::string& equation) {
    const std::size_t dots = text.find("...");
    Term term{text.substr(0, dots), "", dots != std::string::npos};
    if (term.ellipsis) term.after = text.substr(dots + 3);
    std::string letters = term.before + term.after;
    const bool clean = std::all_of(letters.begin(), letters.end(), is_letter);
    std::sort(letters.begin(), letters.end());
    if (!clean || std::adjacent_find(letters.begin(), letters.end()) != letters.end())
        fail(Code::config, "wanted an equation such as 'abc,cd->abd', found '", equation, "'");
    return term;
}

std::string letters_unused_by(const std::string& equation) {
    std::string letters;
    for (char c = 'A'; c <= 'Z'; ++c)
        if (!has(equation, c)) letters += c;
    for (char c = 'a'; c <= 'z'; ++c)
        if (!has(equation, c)) letters += c;
    return letters;
}

std::size_t ellipsis_axes(const Term& term, std::size_t rank, const std::string& equation) {
    const std::size_t named = term.before.size() + term.after.size();
    if (rank < named || (!term.ellipsis && rank != named))
        fail(Code::shape, "equation '", equation, "' does not fit an operand of rank ", rank);
    return rank - named;
}

/// The last `count` of the ellipsis letters, as axes align at the end.
std::string written_out(const Term& term, const std::string& letters, std::size_t count) {
    return term.before + (term.ellipsis ? letters.substr(letters.size() - count) : "") + term.after;
}

Permutation order_of(const std::string& wanted, const std::string& labels) {
    Permutation order;
    for (const char label : wanted) order.push_back(labels.find(label));
    return order;
}

/// Sums out the labels that occur in this operand only.
Tensor without_lonely(Tensor x, std::string& labels, const std::string& other, const std::string& y) {
    std::vector<std::size_t> lonely;
    std::string rest;
    for (std::size_t i = 0; i < labels.size(); ++i)
        if (has(other, labels[i]) || has(y, labels[i])) rest += labels[i];
        else lonely.push_back(i);
    if (lonely.empty()) return x;
    Shape shape = x.shape();
    for (const std::size_t axis : lonely) shape[axis] = 1;
    Tensor sums(x.dtype(), shape);
    with_float(x.dtype(), [&]<class T>(Type<T>) {
        T* out = sums.mutable_values<T>().data();
        for_each_row<T>(x, lonely, [&](const T* row, std::int64_t n) { *out++ = std::accumulate(row, row + n, T{0}); });
    });
    labels = rest;
    std::vector<std::int64_t> dims;
    for (std::size_t i = 0; i < shape.rank(); ++i)
        if (std::find(lonely.begin(), lonely.end(), i) == lonely.end()) dims.push_back(shape[i]);
    return sums.reshaped(Shape(std::move(dims)));
}

/// The labels of a product, by role.
struct Roles {
    std::string batch, free_a, free_b, summed;

    Roles(const std::string& a, const std::string& b, const std::string& y) {
        for (const char c : a) (!has(b, c) ? free_a : has(y, c) ? batch : summed) += c;
        for (const char c : b)
            if (!has(a, c)) free_b += c;
    }
};

template <class T>
void batched_product(const Tensor& a, const Tensor& b, Tensor& y, std::int64_t batch, std::int64_t m, std::int64_t k,
                     std::int64_t n) {
    const T* left = a.values<T>().data();
    const T* right = b.values<T>().data();
    T* out = y.mutable_values<T>().data();
    for (std::int64_t i = 0; i < batch; ++i) {
        Gemm<T> g;
        g.m = m, g.n = n, g.k = k;
        g.a = left + i * m * k, g.lda = k;
        g.b = right + i * k * n, g.ldb = n;
        g.c = out + i * m * n, g.ldc = n;
        g.beta = 0;
        gemm(g);
    }
}

std::int64_t size_of(const std::string& wanted, const std::string& labels, const Shape& shape) {
    std::int64_t size = 1;
    for (const char label : wanted) size *= shape[labels.find(label)];
    return size;
}

}  // namespace

Einsum parse_einsum(const std::string& equation, std::size_t rank_a, std::size_t rank_b) {
    std::string text = equation;
    std::erase(text, ' ');
    const std::size_t comma = text.find(','), arrow = text.find("->");
    if (comma == std::string::npos || arrow == std::string::npos || comma > arrow)
        fail(Code::config, "wanted an equation such as 'abc,cd->abd', found '", equation, "'");
    const Term a = parse_term(text.substr(0, comma), equation);
    const Term b = parse_term(text.substr(comma + 1, arrow - comma - 1), equation);
    const Term y = parse_term(text.substr(arrow + 2), equation);
    const std::size_t in_a = ellipsis_axes(a, rank_a, equation);
    const std::size_t in_b = b.ellipsis ? ellipsis_axes(b, rank_b, equation) : 0;
    Einsum out;
    out.ellipsis = std::max(in_a, in_b);
    const std::string spare = letters_unused_by(text);
    if (spare.size() < out.ellipsis) fail(Code::config, "too many axes for equation '", equation, "'");
    const std::string letters = spare.substr(0, out.ellipsis);
    out.a = written_out(a, letters, in_a);
    out.b = written_out(b, letters, in_b);
    out.y = written_out(y, letters, out.ellipsis);
    out.ellipsis_leads = y.ellipsis && y.before.empty();
    for (const char c : out.y)
        if (!has(out.a, c) && !has(out.b, c))
            fail(Code::config, "'", c, "' of the result is in no operand of '", equation, "'");
    return out;
}

std::int64_t macs(const Einsum& equation, const Shape& a, const Shape& b) {
    std::int64_t product = a.elements();
    for (std::size_t i = 0; i < equation.b.size(); ++i)
        if (!has(equation.a, equation.b[i])) product = times(product, b[i]);
    return product;
}

Tensor einsum(const Einsum& equation, const Tensor& a, const Tensor& b) {
    std::string la = equation.a, lb = equation.b;
    const Tensor left = without_lonely(a, la, lb, equation.y), right = without_lonely(b, lb, la, equation.y);
    for (const char c : la)
        if (has(lb, c) && left.shape()[la.find(c)] != right.shape()[lb.find(c)])
            fail(Code::shape, "operands ", a.shape(), " and ", b.shape(), " differ in an axis they share");
    const Roles roles(la, lb, equation.y);
    const Tensor pa = transpose(left, order_of(roles.batch + roles.free_a + roles.summed, la));
    const Tensor pb = transpose(right, order_of(roles.batch + roles.summed + roles.free_b, lb));
    const std::string labels = roles.batch + roles.free_a + roles.free_b;
    std::vector<std::int64_t> dims;
    for (const char c : labels) dims.push_back(has(la, c) ? left.shape()[la.find(c)] : right.shape()[lb.find(c)]);
    Tensor product(a.dtype(), Shape(dims));
    with_float(a.dtype(), [&]<class T>(Type<T>) {
        batched_product<T>(pa, pb, product, size_of(roles.batch, la, left.shape()),
                           size_of(roles.free_a, la, left.shape()), size_of(roles.summed, la, left.shape()),
                           size_of(roles.free_b, lb, right.shape()));
    });
    return transpose(product, order_of(equation.y, labels));
}

}  // namespace layerctl::ops
