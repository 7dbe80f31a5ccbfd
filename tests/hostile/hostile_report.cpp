// Every hostile and every malformed file, through `layerctl validate` and `layerctl check`: the rules found, the exit
// codes, and bounds on time and memory.
//     hostile_report LAYERCTL
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using Rules = std::set<std::string>;

const fs::path testdata = LAYERCTL_TESTDATA;

#ifdef LAYERCTL_SANITIZED
constexpr long most_kilobytes = 1'000'000;  // of AddressSanitizer
constexpr double most_seconds = 20;
#else
constexpr long most_kilobytes = 100'000;
constexpr double most_seconds = 1;
#endif

/// What a run of layerctl came to. Its own processor time counts, so that a busy machine fails no test.
struct Outcome {
    int code = 0;  // negative: killed by a signal
    double seconds = 0;
    long kilobytes = 0;
    std::string out;
};

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

Outcome run(const std::string& tool, const std::vector<std::string>& words) {
    const std::string captured = "hostile_report.out";
    const pid_t child = fork();
    if (child == 0) {
        const int out = open(captured.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), null = open("/dev/null", O_WRONLY);
        dup2(out, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        alarm(static_cast<unsigned>(60 * most_seconds));
        std::vector<char*> arguments = {const_cast<char*>(tool.c_str())};
        for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        execv(tool.c_str(), arguments.data());
        _exit(127);
    }
    int status = 0;
    rusage usage{};
    wait4(child, &status, 0, &usage);
    std::ifstream in(captured);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status),
            seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss,
            std::string(std::istreambuf_iterator<char>(in), {})};
}

Rules rules_of(const std::string& json) {
    Rules found;
    const Json document = Json::parse(json, nullptr, false);
    if (document.is_array())
        for (const Json& file : document)
            for (const Json& finding : file.at("findings")) found.insert(finding.at("rule").get<std::string>());
    return found;
}

std::string text(const Rules& rules) {
    std::string words;
    for (const std::string& rule : rules) words += " " + rule;
    return words.empty() ? " nothing" : words;
}

int failures = 0;

void complain(const fs::path& file, const std::string& message) {
    std::cout << file.parent_path().filename().string() << ": " << message << '\n';
    ++failures;
}

void check_bounds(const fs::path& file, const Outcome& outcome) {
    if (outcome.seconds > most_seconds) complain(file, "took " + std::to_string(outcome.seconds) + " s");
    if (outcome.kilobytes > most_kilobytes) complain(file, "took " + std::to_string(outcome.kilobytes) + " kB");
    if (outcome.code < 0 || outcome.code > 5) complain(file, "ended with " + std::to_string(outcome.code));
}

void check_code(const fs::path& file, const char* command, int wanted, int found) {
    if (wanted != found)
        complain(file, std::string(command) + ": wanted exit code " + std::to_string(wanted) + ", found " +
                           std::to_string(found));
}

void check_rules(const fs::path& file, const Rules& wanted, const Rules& found) {
    if (wanted != found) complain(file, "wanted" + text(wanted) + ", found" + text(found));
}

void check_hostile(const std::string& tool, const fs::path& folder) {
    const Json wanted = Json::parse(std::ifstream(folder / "case.json"));
    const fs::path file = folder / wanted.at("file").get<std::string>();
    const Outcome validated = run(tool, {"validate", "--json", file.string()});
    check_bounds(file, validated);
    check_code(file, "validate", wanted.at("validate").get<int>(), validated.code);
    check_rules(file, wanted.at("rules").get<Rules>(), rules_of(validated.out));
    const Outcome checked = run(tool, {"check", file.string()});
    check_bounds(file, checked);
    check_code(file, "check", wanted.at("check").get<int>(), checked.code);
    check_bounds(file, run(tool, {"inspect", "--hash", file.string()}));
}

/// Malformed files that break a rule; damage that none is about exits as everywhere.
const std::map<std::string, Rules> rules_of_bad = {
    {"dangling_soft_link", {"LC003"}},
    {"dataset_is_group", {"LC013"}},
    {"deep_nesting", {"LC004"}},
    {"deep_nesting_objects", {"LC004"}},
    {"external_link", {"LC003"}},
    {"extra_layer", {"LC013"}},
    {"extra_weights", {"LC013"}},
    {"fewer_weights", {"LC010", "LC013"}},
    {"gigantic_input_dim", {"LC004"}},
    {"gigantic_units", {"LC004"}},
    {"huge_sparse_dataset", {"LC004"}},
    {"huge_units_product", {"LC013"}},
    {"int_dataset", {"LC013"}},
    {"keras_absolute_member", {"LC003"}},
    {"keras_dense_missing_vars", {"LC013"}},
    {"keras_lying_size", {"LC005"}},
    {"keras_path_traversal", {"LC003", "LC012"}},
    {"keras_zip_bomb", {"LC005"}},
    {"missing_dataset", {"LC010"}},
    {"missing_layer_group", {"LC010"}},
    {"missing_layer_names", {"LC010"}},
    {"missing_weight_names", {"LC010"}},
    {"no_model_weights", {"LC013"}},
    {"npy_huge_shape", {"LC004"}},
    {"npy_object", {"LC007"}},
    {"rank_mismatch", {"LC013"}},
    {"scalar_dataset", {"LC013"}},
    {"shape_mismatch", {"LC013"}},
    {"soft_link_loop", {"LC003"}},
};

void check_bad(const std::string& tool, const fs::path& folder) {
    fs::path file;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (entry.path().filename() != "case.json") file = entry.path();
    const Outcome validated = run(tool, {"validate", "--json", file.string()});
    check_bounds(file, validated);
    check_bounds(file, run(tool, {"inspect", file.string()}));
    if (folder.filename().string().starts_with("random_flips")) return;
    const auto known = rules_of_bad.find(folder.filename().string());
    check_rules(file, known == rules_of_bad.end() ? Rules() : known->second, rules_of(validated.out));
    if ((known != rules_of_bad.end()) != (validated.code == 1))
        complain(file, "exit code " + std::to_string(validated.code));
}

/// What SARIF 2.1.0 requires of the objects that are written.
void check_sarif(const std::string& tool) {
    std::vector<std::string> words = {"validate", "--sarif"};
    for (const char* name : {"lambda_keras3", "zip_bomb", "optimizer_state", "soft_link"})
        for (const fs::directory_entry& entry : fs::directory_iterator(testdata / "hostile" / name))
            if (entry.path().filename() != "case.json") words.push_back(entry.path().string());
    const Json document = Json::parse(run(tool, words).out);
    const Json& one = document.at("runs").at(0);
    const Json& driver = one.at("tool").at("driver");
    bool sound = document.at("version") == "2.1.0" && driver.at("name").is_string() &&
                 driver.at("rules").size() == 14 && one.at("results").size() == 4 &&
                 one.at("invocations").at(0).at("executionSuccessful").is_boolean();
    for (const Json& rule : driver.at("rules")) sound &= rule.at("shortDescription").at("text").is_string();
    for (const Json& result : one.at("results")) {
        const Json& rule = driver.at("rules").at(result.at("ruleIndex").get<std::size_t>());
        sound &= rule.at("id") == result.at("ruleId") && result.at("message").at("text").is_string() &&
                 rule.at("defaultConfiguration").at("level") == result.at("level");
        const Json& place = result.at("locations").at(0).at("physicalLocation").at("artifactLocation");
        sound &= place.at("uri").get<std::string>().starts_with("file:///");
    }
    if (!sound) complain("sarif/", "not of the form of SARIF 2.1.0");
}

template <class Check>
int each(const fs::path& root, const Check& check) {
    std::vector<fs::path> folders;
    for (const fs::directory_entry& entry : fs::directory_iterator(root)) folders.push_back(entry.path());
    std::sort(folders.begin(), folders.end());
    for (const fs::path& folder : folders) check(folder);
    return static_cast<int>(folders.size());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    const std::string tool = argv[1];
    const int hostile = each(testdata / "hostile", [&](const fs::path& folder) { check_hostile(tool, folder); });
    const int bad = each(testdata / "golden/bad", [&](const fs::path& folder) { check_bad(tool, folder); });
    check_sarif(tool);
    std::cout << hostile << " hostile and " << bad << " malformed files, " << failures << " complaints\n";
    return failures == 0 && hostile > 40 && bad > 100 ? 0 : 1;
}
