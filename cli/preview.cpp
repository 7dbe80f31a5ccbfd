#include "cli/preview.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

#include <nlohmann/json.hpp>

#include "cli/json.hpp"
#include "cli/report.hpp"

namespace layerctl::cli {
namespace {

constexpr std::size_t shown_rows = 5;
constexpr std::size_t shown_values = 8;
constexpr std::size_t top = 5;

using Numbers = std::span<const double>;

std::string number_text(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    return text;
}

// The number a person would write: 0.1 and not 0.10000000149011612, which is what float32 0.1 is in float64.
double shortest(double value, DType dtype) {
    if (!is_floating(dtype) || dtype == DType::float64 || !std::isfinite(value)) return value;
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, static_cast<float>(value)).ptr;
    std::from_chars(text, end, value);
    return value;
}

// In [0, 1] and summing to one, as the last axis of a softmax does.
bool is_distribution(Numbers row) {
    const auto probability = [](double p) { return p >= 0 && p <= 1; };
    return row.size() >= 2 && std::all_of(row.begin(), row.end(), probability) &&
           std::abs(std::accumulate(row.begin(), row.end(), 0.0) - 1) < 1e-3;
}

// The numbers of a tensor as rows along axis 0.
class Rows {
public:
    explicit Rows(const Tensor& tensor) : dtype_(tensor.dtype()), numbers_(tensor.cast(DType::float64)) {
        const Shape& shape = tensor.shape();
        count_ = shape.rank() == 0 ? 1 : static_cast<std::size_t>(shape.front());
        if (count_ > 0) width_ = tensor.elements() / count_;
    }

    std::size_t count() const { return count_; }
    Numbers all() const { return numbers_.values<double>(); }
    Numbers row(std::size_t index) const { return all().subspan(index * width_, width_); }

    double written(double value) const { return shortest(value, dtype_); }

    bool are_distributions() const {
        if (numbers_.shape().rank() != 2 || count_ == 0) return false;
        for (std::size_t i = 0; i < count_; ++i)
            if (!is_distribution(row(i))) return false;
        return true;
    }

private:
    DType dtype_;
    Tensor numbers_;
    std::size_t count_ = 0;
    std::size_t width_ = 0;
};

// Indices of the largest numbers, largest first.
std::vector<std::size_t> likeliest(Numbers row) {
    std::vector<std::size_t> order(row.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(top, order.size()));
    std::partial_sort(order.begin(), end, order.end(),
                      [&](std::size_t a, std::size_t b) { return row[a] != row[b] ? row[a] > row[b] : a < b; });
    order.erase(end, order.end());
    return order;
}

std::string top_text(Numbers row) {
    std::string line;
    for (const std::size_t index : likeliest(row)) {
        char item[64];
        std::snprintf(item, sizeof item, "%s#%zu %.2f%%", line.empty() ? "" : "  ", index, 100 * row[index]);
        line += item;
    }
    return line;
}

std::string values_text(Numbers row) {
    std::string line;
    for (const double value : row.first(std::min(shown_values, row.size())))
        line += (line.empty() ? "" : " ") + number_text(value);
    return row.size() > shown_values ? line + " ..." : line;
}

std::string number_rows(const Tensor& tensor) {
    const Rows rows(tensor);
    const bool probabilities = rows.are_distributions();
    const std::size_t shown = std::min(shown_rows, rows.count());
    std::string text;
    for (std::size_t i = 0; i < shown; ++i)
        text += cat("  [", i, "]  ", probabilities ? top_text(rows.row(i)) : values_text(rows.row(i)), '\n');
    if (rows.count() > shown) text += cat("  ... ", rows.count() - shown, " more\n");
    return text;
}

std::string string_rows(const std::vector<std::string>& values) {
    std::string text;
    for (std::size_t i = 0; i < std::min(shown_values, values.size()); ++i)
        text += "  '" + printable(values[i]) + "'\n";
    if (values.size() > shown_values) text += cat("  ... ", values.size() - shown_values, " more\n");
    return text;
}

Json top_json(const Rows& rows) {
    Json list = Json::array();
    for (std::size_t i = 0; i < std::min(shown_rows, rows.count()); ++i) {
        Json classes = Json::array();
        for (const std::size_t index : likeliest(rows.row(i)))
            classes.push_back({{"index", index}, {"probability", rows.written(rows.row(i)[index])}});
        list.push_back(std::move(classes));
    }
    return list;
}

void add_numbers(Json& document, const Tensor& tensor) {
    const Rows rows(tensor);
    std::vector<double> finite;
    std::copy_if(rows.all().begin(), rows.all().end(), std::back_inserter(finite),
                 [](double v) { return std::isfinite(v); });
    const auto [least, greatest] = std::minmax_element(finite.begin(), finite.end());
    document["min"] = finite.empty() ? Json() : Json(rows.written(*least));
    document["max"] = finite.empty() ? Json() : Json(rows.written(*greatest));
    document["not_finite"] = rows.all().size() - finite.size();
    Json& first = document["first"] = Json::array();
    for (const double value : rows.all().first(std::min(shown_values, rows.all().size())))
        first.push_back(rows.written(value));
    if (rows.are_distributions()) document["top"] = top_json(rows);
}

}  // namespace

std::string preview(const NamedTensor& output) {
    const Tensor& tensor = output.tensor;
    const std::string heading = cat(printable(output.name), "  ", tensor.shape(), "  ", tensor.dtype(), '\n');
    return heading + (tensor.dtype() == DType::string ? string_rows(tensor.string_values()) : number_rows(tensor));
}

Json preview_json(const NamedTensor& output) {
    const Tensor& tensor = output.tensor;
    Json document = {{"name", output.name}, {"shape", tensor.shape().dims()}, {"dtype", dtype_name(tensor.dtype())}};
    if (tensor.dtype() == DType::string) {
        const std::span<const std::string> values = tensor.string_values();
        document["first"] = values.first(std::min(shown_values, values.size()));
    } else {
        add_numbers(document, tensor);
    }
    return document;
}

}  // namespace layerctl::cli
