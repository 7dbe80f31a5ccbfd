// Archives and folders: their members, and what lies in those.
#include <algorithm>
#include <array>
#include <set>

#include "formats/contents/parts.hpp"
#include "formats/json/text.hpp"
#include "formats/keras/members.hpp"
#include "formats/keras/parts.hpp"
#include "formats/zip/directory.hpp"
#include "models/limits.hpp"

namespace layerctl::formats {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t slack = 24;  // bytes of a data descriptor, which may stand behind a member

/// What the members of a .keras archive are for, by the end of their names.
struct Role {
    std::string_view ending;
    Part::Use use;
};

constexpr std::array roles = {
    Role{config_member, Part::Use::config},   Role{metadata_member, Part::Use::config},
    Role{weights_member, Part::Use::weights}, Role{"model.weights.npz", Part::Use::weights},
    Role{".npy", Part::Use::weights},
};

/// Nothing for a member that no reader looks at.
std::optional<Part::Use> use_of(std::string_view name) {
    for (const Role& role : roles)
        if (name.ends_with(role.ending)) return role.use;
    if (name.starts_with("assets/") || name.find("/assets/") != std::string_view::npos) return Part::Use::other;
    return std::nullopt;
}

void read_metadata(const std::string& text, Contents& contents) {
    const Value facts = parse_json(text).value();
    contents.keras_version = facts.string_at("keras_version");
    contents.date_saved = facts.string_at("date_saved");
}

void add_fault(Contents& contents, Fault::Kind kind, const std::string& path, std::string message) {
    contents.faults.push_back({kind, path, std::move(message)});
}

bool is_faulty(const Contents& contents, const std::string& path) {
    return std::any_of(contents.faults.begin(), contents.faults.end(),
                       [&](const Fault& fault) { return fault.path == path && fault.kind != Fault::Kind::hidden; });
}

/// What is wrong with the entries of a directory, each by itself.
void check_entries(const ZipDirectory& directory, std::uint64_t size, Contents& contents) {
    std::set<std::string> names;
    std::uint64_t claimed = 0;
    for (const ZipEntry& entry : directory.entries) {
        if (!names.insert(entry.name).second)
            add_fault(contents, Fault::Kind::repeated, entry.name, "a second member of this name");
        if (leads_outside(entry.name))
            add_fault(contents, Fault::Kind::outside, entry.name, "a path outside the archive");
        if (entry.is_link) add_fault(contents, Fault::Kind::outside, entry.name, "a link");
        try {
            check_expansion(entry.name, std::min(entry.stored, size), entry.size, ZipArchive::Expansion::of_model);
        } catch (const Error& error) {
            add_fault(contents, Fault::Kind::expands, entry.name, error.message());
        }
        if (__builtin_add_overflow(claimed, entry.size, &claimed)) claimed = UINT64_MAX;
    }
    if (claimed / limits::expansion > size + (1U << 20))
        add_fault(contents, Fault::Kind::expands, "", cat("members of ", claimed, " bytes in an archive of ", size));
}

/// Bytes between, before and behind the members.
void check_layout(const ZipDirectory& directory, std::uint64_t size, Contents& contents) {
    std::vector<const ZipEntry*> order;
    for (const ZipEntry& entry : directory.entries) order.push_back(&entry);
    std::sort(order.begin(), order.end(), [](const ZipEntry* a, const ZipEntry* b) { return a->begin < b->begin; });
    std::uint64_t end = 0;
    for (const ZipEntry* entry : order) {
        if (entry->begin < end || entry->end > size)
            add_fault(contents, Fault::Kind::expands, entry->name, "its bytes are also those of another member");
        else if (entry->begin > end + (end == 0 ? 0 : slack))
            add_fault(contents, Fault::Kind::hidden, entry->name, cat(entry->begin - end, " bytes before this member"));
        end = std::max(end, entry->end);
    }
    if (directory.begin > end + slack)
        add_fault(contents, Fault::Kind::hidden, "", cat(directory.begin - end, " bytes behind the last member"));
    if (directory.comment > 0) add_fault(contents, Fault::Kind::hidden, "", "a comment behind the archive");
    if (directory.end < size)
        add_fault(contents, Fault::Kind::hidden, "", cat(size - directory.end, " bytes behind the archive"));
}

Part part_of(const ZipEntry& entry) {
    Part part{.path = entry.name, .kind = Part::Kind::member, .type = {}};
    part.use = use_of(entry.name).value_or(Part::Use::other);
    part.stored = entry.stored;
    part.size = entry.size;
    part.packing = entry.method == 0 ? "" : entry.method == 8 ? "deflate" : cat("method ", entry.method);
    return part;
}

std::string variant_of(const std::vector<ZipEntry>& entries) {
    const auto holds = [&](std::string_view ending) {
        return std::any_of(entries.begin(), entries.end(),
                           [&](const ZipEntry& entry) { return entry.name.ends_with(ending); });
    };
    if (holds(config_member) && (holds(metadata_member) || holds(".weights.h5"))) return "a .keras archive";
    if (holds(".npy")) return "a numpy archive (.npz)";
    return "";
}

}  // namespace

void member_contents(Part member, const std::function<Input()>& open, Contents& contents) {
    const std::string name = member.path;
    const bool known = use_of(name).has_value() || name.ends_with('/');
    if (!known) add_fault(contents, Fault::Kind::hidden, name, "a member that no reader looks at");
    if (name.ends_with(".pkl") || name.ends_with(".pickle"))
        add_fault(contents, Fault::Kind::pickled, name, "a Python pickle");
    if (is_faulty(contents, name)) return contents.parts.push_back(std::move(member));
    const auto read = [open] {
        const Input input = open();
        return input.read_at(0, static_cast<std::size_t>(input.size));
    };
    if (name.ends_with(".npy")) {
        npy_contents(name, read, contents);
        contents.parts.back().stored = member.stored;
        contents.parts.back().packing = member.packing;
        return;
    }
    if (known && !name.ends_with('/') && !name.ends_with(".h5")) member.text = read;
    contents.parts.push_back(std::move(member));
    attempt_part(contents, name, [&] {
        if (name.ends_with(metadata_member)) read_metadata(read(), contents);
        if (name.ends_with(weights_member)) h5_contents(open(), name, contents);
    });
}

std::string zip_contents(const Input& input, Contents& contents) {
    const auto directory = read_zip_directory(input.size, input.read_at);
    if (!directory) return "";
    const std::string variant = variant_of(directory->entries);
    check_entries(*directory, input.size, contents);
    check_layout(*directory, input.size, contents);
    std::shared_ptr<const ZipArchive> archive;
    try {
        archive = input.open_zip();
    } catch (const Error& error) {
        if (contents.faults.empty()) add_fault(contents, fault_kind(error.code()), "", error.message());
    }
    for (std::size_t i = 0; i < directory->entries.size(); ++i) {
        const ZipEntry& entry = directory->entries[i];
        contents.unpacked += std::min(entry.size, limits::expansion * input.size) - std::min(entry.stored, entry.size);
        if (!archive) {
            contents.parts.push_back(part_of(entry));
            continue;
        }
        member_contents(
            part_of(entry),
            [archive, i] {
                return Input::of(
                    std::make_shared<const std::string>(archive->read(i, ZipArchive::Expansion::of_model)));
            },
            contents);
    }
    return variant.empty() && !contents.faults.empty() ? "a zip archive" : variant;
}

std::string folder_contents(const fs::path& folder, Contents& contents) {
    const auto parts = KerasParts::open(folder);
    for (const std::string& name : parts->names()) {
        const fs::path file = folder / name;
        Part part{.path = name, .kind = Part::Kind::member, .type = {}};
        part.use = use_of(name).value_or(Part::Use::other);
        if (fs::is_symlink(file)) add_fault(contents, Fault::Kind::outside, name, "a link");
        else part.size = fs::file_size(file);
        part.stored = part.size;
        contents.bytes += part.size;
        contents.unpacked += part.size;
        member_contents(
            std::move(part), [file] { return Input::of(file); }, contents);
    }
    return "an unpacked .keras archive";
}

}  // namespace layerctl::formats
