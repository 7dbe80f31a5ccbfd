// Summaries against the texts that real Keras printed for the same files, byte for byte.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "api/layerctl.hpp"
#include "api/rich_table.hpp"

using namespace layerctl;
namespace fs = std::filesystem;

namespace {

/// The recorded texts of a case and the options they were made with.
struct Recording {
    const char* file;
    SummaryOptions options;
};

std::vector<Recording> recordings() {
    SummaryOptions expanded, trainable, both, wide;
    expanded.expand_nested = both.expand_nested = true;
    trainable.show_trainable = both.show_trainable = true;
    wide.width = 120;
    return {{"summary.txt", {}},
            {"summary_expand_nested.txt", expanded},
            {"summary_show_trainable.txt", trainable},
            {"summary_expand_trainable.txt", both},
            {"summary_len120.txt", wide}};
}

/// Cases whose model in memory was not what the file says, and where.
struct Exception {
    const char* name;
    const char* reason;
};

constexpr Exception exceptions[] = {
    {"conv/conv1dt_same_k3_s3_o1_k3", "Keras 3.12 does not write output_padding"},
    {"conv/conv1dt_valid_k3_s2_o1_k3", "Keras 3.12 does not write output_padding"},
    {"conv/conv1dt_valid_k3_s3_o1_k3", "Keras 3.12 does not write output_padding"},
    {"conv/conv2dt_same_k33_s22_o01_k3", "Keras 3.12 does not write output_padding"},
    {"conv/conv2dt_valid_k33_s22_o01_k3", "Keras 3.12 does not write output_padding"},
    {"conv/conv2dt_valid_k33_s22_o11_k3", "Keras 3.12 does not write output_padding"},
    {"conv/conv2dt_valid_k33_s23_o12_k3", "Keras 3.12 does not write output_padding"},
    {"formats/keras213_model_k2", "the file was given another model name"},
    {"formats/keras224_dict_k2", "the file was given another model name"},
    {"tutorial/model_from_frozen_base_output_k2", "Keras 2 does not write an InputLayer's trainable"},
};

bool is_exception(const std::string& name) {
    return std::ranges::any_of(exceptions, [&](const Exception& exception) { return exception.name == name; });
}

std::string name_of(const fs::path& folder) {
    return folder.parent_path().filename().string() + "/" + folder.filename().string();
}

std::string read_text(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream in(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

// The first line that differs, in the manner of diff.
std::string first_difference(const std::string& wanted, const std::string& found) {
    const std::vector<std::string> a = lines_of(wanted), b = lines_of(found);
    const std::string missing = "\\ no line";
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        const std::string& left = i < a.size() ? a[i] : missing;
        const std::string& right = i < b.size() ? b[i] : missing;
        if (left != right) return "@@ line " + std::to_string(i + 1) + " @@\n-" + left + "\n+" + right;
    }
    return wanted == found ? "" : "the last newline";
}

fs::path golden() { return fs::path(LAYERCTL_TESTDATA) / "golden"; }

std::vector<fs::path> cases_of(const std::string& group) {
    std::vector<fs::path> cases;
    for (const fs::directory_entry& entry : fs::directory_iterator(golden() / group))
        if (fs::exists(entry.path() / "summary.txt") && fs::exists(entry.path() / "model.h5") &&
            !is_exception(name_of(entry.path())))
            cases.push_back(entry.path());
    std::ranges::sort(cases);
    return cases;
}

std::vector<std::string> groups_but(const std::vector<std::string>& left_out) {
    std::vector<std::string> groups;
    for (const fs::directory_entry& entry : fs::directory_iterator(golden()))
        if (entry.is_directory() && std::ranges::count(left_out, entry.path().filename().string()) == 0)
            groups.push_back(entry.path().filename().string());
    std::ranges::sort(groups);
    return groups;
}

int check_case(const fs::path& folder, const Model& model) {
    int compared = 0;
    for (const Recording& recording : recordings()) {
        const fs::path file = folder / recording.file;
        if (!fs::exists(file)) continue;
        INFO(file.string());
        CHECK(first_difference(read_text(file), model.summary(recording.options)) == "");
        ++compared;
    }
    return compared;
}

// What keeps a model from being described in full; empty if nothing does.
std::string obstacle(const Model& model) { return model.problems().empty() ? "" : model.problems().front().what(); }

bool is_unknown_layer(const std::string& obstacle) { return obstacle.find("unknown layer class") != std::string::npos; }

const std::vector<std::string> complete_groups = {"core",          "activation", "conv",      "pooling",
                                                  "normalization", "merge",      "reshaping", "real"};

}  // namespace

TEST_CASE("summaries of the groups of which only whole layer classes may be missing") {
    for (const std::string& group : complete_groups) {
        int compared = 0;
        for (const fs::path& folder : cases_of(group)) {
            INFO(folder.string());
            const Model model = Model::describe(folder / "model.h5");
            if (const std::string why = obstacle(model); is_unknown_layer(why))
                std::cout << "no summary yet: " << why << "\n";
            else compared += check_case(folder, model);
        }
        CHECK(compared > 0);
    }
}

TEST_CASE("summaries of the other groups, as far as their layers are known") {
    int compared = 0, unsupported = 0;
    for (const std::string& group : groups_but(complete_groups))
        for (const fs::path& folder : cases_of(group)) {
            std::string why;
            try {
                const Model model = Model::describe(folder / "model.h5");
                why = obstacle(model);
                if (why.empty()) compared += check_case(folder, model);
            } catch (const Error& error) {
                why = error.what();
            }
            if (why.empty()) continue;
            ++unsupported;
            std::cout << "no summary yet: " << why << "\n";
        }
    std::cout << compared << " summaries compared, " << unsupported << " cases not supported yet\n";
    CHECK(compared > 0);
}

TEST_CASE("wide characters take two cells of a table") {
    const std::string text =
        draw_rich_table({{"名", Align::left, 8}, {"n", Align::right, 4}}, {{"漢字の名前です", "1,024"}}, 19, 80);
    CHECK(text ==
          "┏━━━━━━━━━━┳━━━━━━┓\n"
          "┃ 名       ┃    n ┃\n"
          "┡━━━━━━━━━━╇━━━━━━┩\n"
          "│ 漢字の … │ 1,0… │\n"
          "└──────────┴──────┘\n");
}

TEST_CASE("a table is cut at the terminal's edge, a long title is folded") {
    CHECK(draw_rich_table({{"name", Align::left, 8}}, {{"dense"}}, 11, 6) ==
          "┏━━━━━\n┃ name\n┡━━━━━\n│ dens\n└─────\n");
    CHECK(draw_rich_text("Model: \"abcdefghijk\"", 8) == "Model: \n\"abcdefg\nhijk\"\n");
}

TEST_CASE("a width without room for the columns is refused") {
    Sequential net("net");
    net.input({3});
    const Model model = net.build();
    SummaryOptions narrow;
    narrow.width = 8;
    for (const auto style : {SummaryOptions::Style::keras2, SummaryOptions::Style::keras3}) {
        narrow.style = style;
        CHECK_THROWS_AS(model.summary(narrow), Error);
    }
}
