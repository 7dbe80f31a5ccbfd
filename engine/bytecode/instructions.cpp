#include "engine/bytecode/instructions.hpp"

#include <algorithm>

#include "models/limits.hpp"

namespace layerctl::bytecode {
namespace {

constexpr std::uint8_t backslash = 0x5c, slash = 0x2f;
constexpr std::string_view four_caches("\0\0\0\0\0\0\0\0", 8);
constexpr std::uint8_t first_with_argument = 90;  // to 3.12

class Disassembler {
public:
    Disassembler(const CodeObject& code, Python version, Damage damage)
        : bytes_(code.instructions), version_(version), damage_(damage) {}

    std::vector<Instruction> all() {
        std::vector<Instruction> instructions;
        while (at_ < bytes_.size()) {
            if (instructions.size() >= limits::bytecode_steps) misfit("too many instructions");
            instructions.push_back(next());
        }
        if (instructions.empty()) misfit("no instructions");
        return instructions;
    }

private:
    bool in_words() const { return version_ >= Python::v3_6; }

    std::uint8_t byte_at(std::size_t at) const {
        if (at >= bytes_.size()) misfit("the code ends inside an instruction");
        return static_cast<std::uint8_t>(bytes_[at]);
    }

    Instruction next() {
        Instruction instruction{.name = {}, .offset = at_};
        std::size_t prefix = 0;
        for (;;) {
            const std::uint8_t number = number_here();
            instruction.name = name_of(number);
            instruction.argument = argument_of(number, prefix);
            if (instruction.name != "EXTENDED_ARG") break;
            if (instruction.argument >> 24 != 0) misfit("an argument beyond 32 bits");
            prefix = instruction.argument;
        }
        skip_caches(instruction.name);
        instruction.next = at_;
        instruction.target = target_of(instruction);
        return instruction;
    }

    /// The number of the instruction, as it was before it was damaged.
    std::uint8_t number_here() const {
        const std::uint8_t number = byte_at(at_);
        if (damage_ != Damage::windows || number != slash) return number;
        const bool is_global = opcode_name(version_, backslash) == "LOAD_GLOBAL";
        const bool has_caches = bytes_.size() >= at_ + 2 && bytes_.substr(at_ + 2).starts_with(four_caches);
        return opcode_name(version_, slash).empty() || (is_global && has_caches) ? backslash : slash;
    }

    std::string_view name_of(std::uint8_t number) const {
        const std::string_view name = opcode_name(version_, number);
        if (name.empty() || name == "CACHE") misfit("no instruction has the number ", static_cast<int>(number));
        return name;
    }

    /// Reads past the instruction. `prefix` is what EXTENDED_ARG said before.
    std::size_t argument_of(std::uint8_t number, std::size_t prefix) {
        const bool has_argument = number >= first_with_argument;
        if (in_words()) {
            const std::size_t argument = byte_at(at_ + 1);
            at_ += 2;
            const bool checked = version_ < Python::v3_10 && !has_argument && prefix == 0;
            if (checked && argument != 0) misfit("an argument of an instruction that takes none");
            return prefix << 8 | argument;
        }
        if (!has_argument) {
            at_ += 1;
            return 0;
        }
        const std::size_t argument = byte_at(at_ + 1) | static_cast<std::size_t>(byte_at(at_ + 2)) << 8;
        at_ += 3;
        return prefix << 16 | argument;
    }

    void skip_caches(std::string_view name) {
        const std::size_t size = 2 * inline_caches(version_, name);
        for (std::size_t i = 0; i < size; ++i)
            if (byte_at(at_ + i) != 0) misfit("a cache that is not zero");
        at_ += size;
    }

    /// Absolute up to 3.10, but for JUMP_FORWARD and the blocks of loops and exceptions; in words from 3.10 on.
    std::optional<std::size_t> target_of(const Instruction& instruction) const {
        const std::string_view name = instruction.name;
        const bool jumps =
            name.find("JUMP") != std::string_view::npos || name == "FOR_ITER" || name.starts_with("SETUP_");
        if (!jumps || name == "SETUP_ANNOTATIONS" || name == "SETUP_CLEANUP") return std::nullopt;
        const std::size_t distance = instruction.argument * (version_ >= Python::v3_10 ? 2 : 1);
        const bool relative =
            version_ >= Python::v3_11 || name == "JUMP_FORWARD" || name == "FOR_ITER" || name.starts_with("SETUP_");
        if (!relative) return distance;
        if (name.find("BACKWARD") == std::string_view::npos) return instruction.next + distance;
        return distance > instruction.next ? 0 : instruction.next - distance;
    }

    std::string_view bytes_;
    Python version_;
    Damage damage_;
    std::size_t at_ = 0;
};

/// Since 3.11: an entry begins with a byte whose top bit is set, and says how many units it covers.
std::optional<std::size_t> units_covered(std::string_view table) {
    std::size_t units = 0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const auto byte = static_cast<unsigned char>(table[i]);
        if (byte >= 0x80) units += (byte & 7u) + 1;
        else if (i == 0) return std::nullopt;
    }
    return units;
}

}  // namespace

std::vector<Instruction> instructions_of(const CodeObject& code, Python version, Damage damage) {
    return Disassembler(code, version, damage).all();
}

bool lines_fit(const CodeObject& code, Python version) {
    const std::string& table = code.line_table;
    if (version >= Python::v3_11) return units_covered(table) == code.instructions.size() / 2;
    if (table.size() % 2 != 0) return false;
    std::size_t covered = 0;
    for (std::size_t i = 0; i < table.size(); i += 2) covered += static_cast<unsigned char>(table[i]);
    return version == Python::v3_10 ? covered == code.instructions.size() : covered < code.instructions.size();
}

}  // namespace layerctl::bytecode
