#include "tests/golden/round_trip_report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>

#include <nlohmann/json.hpp>

#include "models/error.hpp"

namespace layerctl::golden {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
using Counts = std::array<std::size_t, 3>;
using Same = std::map<std::string, std::map<std::string, std::size_t>>;  // group -> way -> cases

/// In the order the ways are tried.
std::vector<std::string> ways(const std::vector<CaseTrips>& cases) {
    std::vector<std::string> names;
    for (const CaseTrips& one : cases)
        for (const RoundTrip& trip : one.trips)
            if (std::find(names.begin(), names.end(), trip.way) == names.end()) names.push_back(trip.way);
    return names;
}

void print_row(const std::string& name, const Counts& counts) {
    std::printf("%-32s %7zu %8zu %10zu %7zu\n", name.c_str(), counts[0], counts[1], counts[2],
                counts[0] + counts[1] + counts[2]);
}

std::string on_one_line(std::string text) {
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) text.replace(at, 1, "; ");
    return text;
}

fs::path recorded(const fs::path& folder) { return folder / "round_trips.json"; }

Same read_same(const fs::path& folder) {
    std::ifstream file(recorded(folder));
    return file ? Json::parse(file).get<Same>() : Same();
}

Same count_same(const std::vector<CaseTrips>& cases) {
    Same same;
    for (const CaseTrips& one : cases)
        for (const RoundTrip& trip : one.trips) same[one.group][trip.way] += trip.outcome == Outcome::same ? 1 : 0;
    return same;
}

}  // namespace

void print_trip_table(const std::vector<CaseTrips>& cases) {
    std::map<std::string, Counts> counts;
    Counts total{};
    for (const CaseTrips& one : cases)
        for (const RoundTrip& trip : one.trips) {
            ++counts[trip.way][static_cast<std::size_t>(trip.outcome)];
            ++total[static_cast<std::size_t>(trip.outcome)];
        }
    std::printf("%-32s %7s %8s %10s %7s\n", "way", "same", "refused", "different", "total");
    for (const std::string& way : ways(cases)) print_row(way, counts[way]);
    print_row("total", total);
    const auto is_loaded = [](const CaseTrips& one) { return !one.trips.empty(); };
    const auto loaded = static_cast<std::size_t>(std::count_if(cases.begin(), cases.end(), is_loaded));
    std::printf("%zu cases x %zu ways; %zu cases cannot be loaded\n", loaded, ways(cases).size(),
                cases.size() - loaded);
}

void print_trip_list(const std::vector<CaseTrips>& cases) {
    for (const CaseTrips& one : cases) {
        if (one.trips.empty()) std::printf("%s: not loaded: %s\n", one.id().c_str(), on_one_line(one.problem).c_str());
        for (const RoundTrip& trip : one.trips)
            if (trip.outcome != Outcome::same)
                std::printf("%s: %s: %s: %s\n", one.id().c_str(), trip.way.c_str(), outcome_name(trip.outcome),
                            on_one_line(trip.reason).c_str());
    }
}

void print_trip_json(const std::vector<CaseTrips>& cases) {
    auto list = Json::array();
    for (const CaseTrips& one : cases)
        for (const RoundTrip& trip : one.trips)
            list.push_back({{"group", one.group},
                            {"case", one.name},
                            {"way", trip.way},
                            {"outcome", outcome_name(trip.outcome)},
                            {"reason", trip.reason}});
    std::cout << list.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

void accept_trips(const fs::path& folder, const std::vector<CaseTrips>& cases) {
    Same same = read_same(folder);
    for (auto& [group, counts] : count_same(cases)) same[group] = std::move(counts);
    std::ofstream(recorded(folder)) << Json(same).dump(4) << '\n';
}

std::vector<std::string> trip_violations(const fs::path& folder, const std::vector<CaseTrips>& cases) {
    std::vector<std::string> lines;
    for (const CaseTrips& one : cases)
        for (const RoundTrip& trip : one.trips)
            if (trip.outcome == Outcome::different) lines.push_back(cat(one.id(), ": ", trip.way, ": ", trip.reason));
    const Same before = read_same(folder);
    for (auto& [group, counts] : count_same(cases)) {
        const auto known = before.find(group);
        if (known == before.end())
            lines.push_back(cat("round_trips.json does not know the group '", group,
                                "'; scripts/golden-report --round-trip --accept"));
        else
            for (const auto& [way, count] : known->second)
                if (counts[way] < count)
                    lines.push_back(cat(group, ": ", way, ": ", count - counts[way], " case(s) fewer are the same"));
    }
    return lines;
}

}  // namespace layerctl::golden
