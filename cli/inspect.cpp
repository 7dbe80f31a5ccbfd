// layerctl inspect: what is in a file, part by part.
#include "api/inspect.hpp"

#include <algorithm>
#include <array>
#include <iostream>

#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/json.hpp"
#include "cli/lambdas.hpp"
#include "cli/preview.hpp"
#include "cli/report.hpp"

namespace layerctl::cli {
namespace {

constexpr std::array<std::string_view, 4> kind_names = {"group", "array", "attribute", "member"};
constexpr std::array<std::string_view, 4> use_names = {"config", "weights", "optimizer", "other"};
constexpr std::array<std::string_view, 9> fault_names = {"damaged", "unsupported", "outside", "oversized", "expands",
                                                         "pickled", "repeated",    "hidden",  "orphaned"};
constexpr std::size_t shown_text = 40;

template <class Enumeration>
std::string_view name_of(const auto& names, Enumeration value) {
    return names[static_cast<std::size_t>(value)];
}

/// Nothing for an array that cannot be read: what is wrong with it is among the faults, or becomes one.
std::string hash_of(const Part& part, Contents& contents) {
    if (!part.read) return "";
    try {
        return sha256(part.read());
    } catch (const Error& error) {
        contents.faults.push_back({fault_kind(error.code()), part.path, error.message()});
        return "";
    }
}

Json part_json(const Part& part, const std::string& hash) {
    Json out = {{"path", part.path}, {"kind", name_of(kind_names, part.kind)}, {"use", name_of(use_names, part.use)}};
    if (!part.type.empty()) out["type"] = part.type;
    if (part.shape) out["shape"] = part.shape->dims();
    if (part.kind != Part::Kind::group) out.update({{"stored_bytes", part.stored}, {"bytes", part.size}});
    if (!part.packing.empty()) out["packing"] = part.packing;
    if (!hash.empty()) out["sha256"] = hash;
    return out;
}

Json faults_json(const std::vector<Fault>& faults) {
    Json list = Json::array();
    for (const Fault& fault : faults)
        list.push_back({{"kind", name_of(fault_names, fault.kind)}, {"path", fault.path}, {"message", fault.message}});
    return list;
}

Json bytes_json(const Contents& contents) {
    const BytesByUse use = bytes_by_use(contents);
    return {{"file", contents.bytes}, {"unpacked", contents.unpacked}, {"config", use.config},
            {"weights", use.weights}, {"optimizer", use.optimizer},    {"other", use.other}};
}

/// The elements or the text of a single part.
void add_value(const Part& part, Json& out) {
    if (part.read) out["values"] = preview_json({part.path, part.read()});
    if (part.text) out["text"] = part.text();
}

int print_json(const Inspect& command, Contents contents, const std::vector<Part>& parts) {
    Json list = Json::array();
    for (const Part& part : parts) list.push_back(part_json(part, command.hash ? hash_of(part, contents) : ""));
    if (!command.path.empty() && list.size() == 1) add_value(parts.front(), list.front());
    std::cout << dump({{"file", command.file},
                       {"variant", contents.variant},
                       {"keras_version", contents.keras_version},
                       {"backend", contents.backend},
                       {"date_saved", contents.date_saved},
                       {"bytes", bytes_json(contents)},
                       {"parts", list},
                       {"faults", faults_json(contents.faults)}});
    return 0;
}

std::string headline(const Contents& contents) {
    std::string line = contents.variant;
    if (!contents.keras_version.empty()) line += ", Keras " + contents.keras_version;
    if (!contents.backend.empty()) line += ", backend " + contents.backend;
    if (!contents.date_saved.empty()) line += ", saved " + contents.date_saved;
    return line;
}

std::string bytes_line(const Contents& contents) {
    const BytesByUse use = bytes_by_use(contents);
    std::string line = with_commas(contents.bytes) + " bytes";
    if (contents.unpacked != contents.bytes) line += ", " + with_commas(contents.unpacked) + " unpacked";
    return cat(line, ": config ", with_commas(use.config), ", weights ", with_commas(use.weights), ", optimizer ",
               with_commas(use.optimizer), ", other ", with_commas(use.other));
}

/// "120 bytes (gzip, 80 stored)".
std::string size_text(const Part& part) {
    std::string text = with_commas(part.size) + " bytes";
    if (!part.packing.empty()) text += cat(" (", part.packing, ", ", with_commas(part.stored), " stored)");
    return text;
}

std::string short_text(const Part& part) {
    const std::string text = part.text();
    if (text.size() <= shown_text && text.find('\n') == std::string::npos) return "'" + text + "'";
    return size_text(part);
}

/// What a line says behind the path.
std::string describe(const Part& part) {
    switch (part.kind) {
        case Part::Kind::group: return "group";
        case Part::Kind::member: return size_text(part);
        case Part::Kind::attribute: return part.type + "  " + (part.text && part.size > 0 ? short_text(part) : "empty");
        case Part::Kind::array: break;
    }
    return part.shape ? cat(part.type, " ", *part.shape, "  ", size_text(part)) : part.type;
}

void print_list(const Inspect& command, Contents& contents, const std::vector<Part>& parts) {
    std::size_t widest = 0;
    for (const Part& part : parts) widest = std::max(widest, printable(part.path).size());
    for (const Part& part : parts) {
        std::string line = printable(part.path);
        line.resize(std::max(line.size(), widest) + 2, ' ');
        line += printable(describe(part));
        const std::string hash = command.hash ? hash_of(part, contents) : "";
        std::cout << line << (hash.empty() ? "" : "  ") << hash << '\n';
    }
}

void print_lines(const std::string& text) {
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::cout << printable(text.substr(begin, end - begin)) << '\n';
        begin = end + 1;
    }
}

void print_part(const Inspect& command, const Part& part) {
    if (part.text) return print_lines(part.text());
    if (!part.read) return void(std::cout << printable(part.path + "  " + describe(part)) << '\n');
    const Tensor tensor = part.read();
    std::cout << preview({part.path, tensor});
    std::cout << size_text(part) << '\n';
    if (command.hash) std::cout << "sha256 " << sha256(tensor) << '\n';
}

}  // namespace

int run(const Inspect& command) {
    Contents contents = inspect(command.file);
    if (command.lambdas) return print_lambdas(command, contents);
    const std::vector<Part> parts = command.path.empty() ? contents.parts : parts_at(contents, command.path);
    if (command.json) return print_json(command, std::move(contents), parts);
    if (!command.path.empty() && parts.size() == 1) {
        print_part(command, parts.front());
        return 0;
    }
    std::cout << printable(headline(contents)) << '\n';
    if (command.path.empty()) std::cout << bytes_line(contents) << '\n';
    print_list(command, contents, parts);
    for (const Fault& fault : contents.faults)
        std::cout << printable(cat("fault: ", fault.path, fault.path.empty() ? "" : ": ", fault.message)) << '\n';
    return 0;
}

}  // namespace layerctl::cli
