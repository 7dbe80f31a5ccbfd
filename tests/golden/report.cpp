// golden_report: the table of the oracle corpus, and the judge behind the golden tests.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <map>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "tests/golden/harness.hpp"
#include "tests/golden/ratchet.hpp"
#include "tests/golden/round_trip_report.hpp"

namespace layerctl::golden {
namespace {

namespace fs = std::filesystem;

constexpr const char* usage =
    "usage: golden_report [--round-trip] [--group NAME]... [--case NAME]... [--list] [--json] [--check] [--accept]\n"
    "  --round-trip  instead of comparing with Keras, take every case through every kind of file and back\n"
    "  --group       only these groups; model.keras, model.weights.h5 … all cases with that file\n"
    "  --case        only these cases\n"
    "  --list        print every case that does not pass or leaves something out, with its reason\n"
    "  --json        print every case as JSON\n"
    "  --check       exit 1 if a rule of tests/golden/ratchet.hpp is broken; of round trips: if one is different, or\n"
    "                fewer are the same than recorded\n"
    "  --accept      write the numbers of passing cases into testdata/golden/expected.json; of round trips into\n"
    "                round_trips.json there\n";

struct Options {
    std::vector<std::string> groups;
    std::vector<std::string> cases;
    bool round_trip = false;
    bool list = false;
    bool json = false;
    bool check = false;
    bool accept = false;
};

using GroupResults = std::map<std::string, std::vector<Result>>;

Options parse(int argc, char** argv) {
    Options options;
    const std::map<std::string, bool*> flags = {{"--round-trip", &options.round_trip},
                                                {"--list", &options.list},
                                                {"--json", &options.json},
                                                {"--check", &options.check},
                                                {"--accept", &options.accept}};
    const std::map<std::string, std::vector<std::string>*> lists = {{"--group", &options.groups},
                                                                    {"--case", &options.cases}};
    for (int i = 1; i < argc; ++i) {
        if (const auto flag = flags.find(argv[i]); flag != flags.end()) *flag->second = true;
        else if (const auto list = lists.find(argv[i]); list != lists.end() && i + 1 < argc)
            list->second->push_back(argv[++i]);
        else throw std::invalid_argument(usage);
    }
    return options;
}

bool wanted(const std::vector<std::string>& names, const fs::path& folder) {
    return names.empty() || std::count(names.begin(), names.end(), folder.filename().string()) > 0;
}

/// The group whose files are broken.
constexpr const char* malformed = "bad";

/// Every case that has such a file is run once more through it; counted as a group under the file's name.
constexpr const char* other_files[] = {"model.keras", "model.weights.h5", "model.weights.json", "model.weights.npz",
                                       "model.weights.safetensors", "savedmodel", "tfjs"};

/// A case through its best file, which counts for its group, or through another.
struct Run {
    std::string group;
    fs::path folder;
    std::string file;
};

void add_groups(const Options& options, std::vector<Run>& runs) {
    for (const fs::path& group : folders(fs::path(LAYERCTL_TESTDATA) / "golden")) {
        if (!wanted(options.groups, group)) continue;
        for (const fs::path& folder : folders(group))
            if (wanted(options.cases, folder)) runs.push_back({group.filename().string(), folder, ""});
    }
}

void add_file(const Options& options, const char* file, std::vector<Run>& runs) {
    if (!wanted(options.groups, file)) return;
    for (const fs::path& group : folders(fs::path(LAYERCTL_TESTDATA) / "golden")) {
        if (group.filename() == malformed || group.filename() == file) continue;
        for (const fs::path& folder : folders(group))
            if (wanted(options.cases, folder) && fs::exists(folder / file)) runs.push_back({file, folder, file});
    }
}

std::vector<Run> wanted_runs(const Options& options) {
    std::vector<Run> runs;
    add_groups(options, runs);
    for (const char* file : other_files) add_file(options, file, runs);
    if (runs.empty()) throw std::invalid_argument("no such group or case\n");
    return runs;
}

/// Under the group that a run counts for; the name says the case's own.
template <class Found>
Found counted(const Run& run, Found found) {
    if (run.file.empty()) return found;
    found.name = found.id();
    found.group = run.file;
    return found;
}

using Refusals = std::map<std::string, std::string>;

/// What the case has to be refused with, through that file; empty if it has not.
std::string refusal_of(const Refusals& refusals, const Run& run) {
    const std::string id = run.folder.parent_path().filename().string() + '/' + run.folder.filename().string();
    const auto found = refusals.find(run.file.empty() ? id : run.file + '/' + id);
    return found == refusals.end() ? "" : found->second;
}

GroupResults run(const Options& options) {
    GroupResults results;
    const Refusals refusals = read_expectations(LAYERCTL_EXPECTATIONS).refusals;
    for (const Run& run : wanted_runs(options))
        results[run.group].push_back(counted(run, run_case(run.folder, run.file, refusal_of(refusals, run))));
    return results;
}

std::vector<CaseTrips> travel(const Options& options) {
    std::vector<CaseTrips> cases;
    for (const Run& run : wanted_runs(options))
        if (run.group != malformed) cases.push_back(counted(run, run_round_trips(run.folder, run.file)));
    return cases;
}

std::vector<Result> all_of(const GroupResults& groups) {
    std::vector<Result> all;
    for (const auto& [name, results] : groups) all.insert(all.end(), results.begin(), results.end());
    return all;
}

void print_row(const std::string& name, const std::vector<Result>& results) {
    std::size_t count[3] = {};
    for (const Result& result : results) ++count[static_cast<int>(result.status)];
    std::printf("%-26s %6zu %6zu %12zu %6zu\n", name.c_str(), count[0], count[1], count[2], results.size());
}

void print_table(const GroupResults& groups) {
    std::printf("%-26s %6s %6s %12s %6s\n", "group", "pass", "fail", "unsupported", "total");
    for (const auto& [name, results] : groups) print_row(name, results);
    if (groups.size() > 1) print_row("total", all_of(groups));
}

void print_list(const GroupResults& groups) {
    for (const Result& result : all_of(groups))
        if (!result.reason.empty())
            std::printf("%s: %s: %s\n", result.id().c_str(), status_name(result.status), result.reason.c_str());
}

void print_json(const GroupResults& groups) {
    auto list = nlohmann::ordered_json::array();
    for (const Result& result : all_of(groups))
        list.push_back({{"group", result.group},
                        {"case", result.name},
                        {"status", status_name(result.status)},
                        {"reason", result.reason}});
    std::cout << list.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

std::vector<std::string> broken_rules(const GroupResults& groups) {
    const Expectations expectations = read_expectations(LAYERCTL_EXPECTATIONS);
    std::vector<std::string> broken;
    for (const auto& [name, results] : groups)
        for (std::string& line : violations(name, results, expectations)) broken.push_back(std::move(line));
    return broken;
}

int verdict(const std::vector<std::string>& broken) {
    for (const std::string& line : broken) std::printf("BROKEN %s\n", line.c_str());
    return broken.empty() ? 0 : 1;
}

int report_cases(const Options& options) {
    const GroupResults groups = run(options);
    if (options.json) print_json(groups);
    else print_table(groups);
    if (options.list) print_list(groups);
    if (options.accept) accept(LAYERCTL_EXPECTATIONS, all_of(groups));
    return options.check ? verdict(broken_rules(groups)) : 0;
}

int report_round_trips(const Options& options) {
    const std::vector<CaseTrips> cases = travel(options);
    if (options.json) print_trip_json(cases);
    else print_trip_table(cases);
    if (options.list) print_trip_list(cases);
    if (options.accept) accept_trips(LAYERCTL_EXPECTATIONS, cases);
    return options.check ? verdict(trip_violations(LAYERCTL_EXPECTATIONS, cases)) : 0;
}

int main(int argc, char** argv) {
    const Options options = parse(argc, argv);
    return options.round_trip ? report_round_trips(options) : report_cases(options);
}

}  // namespace
}  // namespace layerctl::golden

int main(int argc, char** argv) {
    try {
        return layerctl::golden::main(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
}
