// The round trips of the corpus as a table, as data, and against what was recorded.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/golden/harness.hpp"

namespace layerctl::golden {

void print_trip_table(const std::vector<CaseTrips>& cases);
void print_trip_list(const std::vector<CaseTrips>& cases);
void print_trip_json(const std::vector<CaseTrips>& cases);

/// Writes how many cases of each group came back the same into `round_trips.json` in that folder, keeping the groups
/// that are not in `cases`.
void accept_trips(const std::filesystem::path& folder, const std::vector<CaseTrips>& cases);

/// One line for each that came back different, and for each way on which fewer cases of a group are the same than
/// recorded.
std::vector<std::string> trip_violations(const std::filesystem::path& folder, const std::vector<CaseTrips>& cases);

}  // namespace layerctl::golden
