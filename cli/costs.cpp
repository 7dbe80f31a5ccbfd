#include "cli/costs.hpp"

#include <iomanip>
#include <ostream>
#include <set>
#include <sstream>

#include "cli/report.hpp"

namespace layerctl::cli {

Products products_of(const std::vector<LayerCost>& costs) {
    Products products;
    std::set<std::string> uncounted;
    for (const LayerCost& cost : costs)
        if (cost.macs) products.macs = products.macs.value_or(0) + *cost.macs;
        else uncounted.insert(cost.class_name);
    products.uncounted.assign(uncounted.begin(), uncounted.end());
    return products;
}

std::optional<double> gflops(std::optional<std::int64_t> macs, double milliseconds) {
    if (!macs) return {};
    return 2e-6 * static_cast<double>(*macs) / milliseconds;
}

void print_uncounted(std::ostream& out, const std::vector<std::string>& classes) {
    std::string names;
    for (const std::string& name : classes) names += (names.empty() ? "" : ", ") + printable(name);
    if (!names.empty()) out << "MACs leave out: " << names << '\n';
}

std::string fixed(double number, int digits) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(digits) << number;
    return text.str();
}

}  // namespace layerctl::cli
