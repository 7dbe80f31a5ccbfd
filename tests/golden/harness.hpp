// The oracle corpus: reads a case, takes it through layerctl and compares everything with what Keras recorded.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/golden/round_trip.hpp"

namespace layerctl::golden {

enum class Status {
    pass,         // every check agreed with Keras
    fail,         // a check disagreed
    unsupported,  // layerctl said that it does not know something in the file
};

const char* status_name(Status status);

struct Result {
    std::string group;
    std::string name;
    std::vector<std::string> layer_classes;
    Status status = Status::pass;
    std::string reason;  // "check: first difference", or the message; of a pass what could not be checked, or why the
                         // file has to be refused

    std::string id() const { return group + '/' + name; }
};

/// The folders below `path`, sorted.
std::vector<std::filesystem::path> folders(const std::filesystem::path& path);

/// Runs every check the file of the case allows: outputs, row by row, no rows, a second call, the weights out and in
/// again, the summaries, the config text, the architecture with weights from another file. `file`: as read_case.
/// `refusal`: the file cannot be read by anyone; the check is that layerctl says so in these words.
Result run_case(const std::filesystem::path& folder, const std::string& file = "", const std::string& refusal = "");

/// One case on every way.
struct CaseTrips {
    std::string group;
    std::string name;
    std::vector<RoundTrip> trips;  // none if it cannot be loaded
    std::string problem;           // why

    std::string id() const { return group + '/' + name; }
};

/// Takes a case that is no malformed file through every kind of file there is. `file`: as read_case.
CaseTrips run_round_trips(const std::filesystem::path& folder, const std::string& file = "");

}  // namespace layerctl::golden
