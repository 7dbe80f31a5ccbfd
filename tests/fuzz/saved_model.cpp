// SavedModel folders: messages of TensorFlow, the table of a checkpoint, the walk through its objects. Changes to the
// table would get no further than the checksums of its blocks, so these are mended.
#include <cstring>

#include "formats/load.hpp"
#include "formats/savedmodel/table.hpp"
#include "models/protobuf.hpp"
#include "tests/fuzz/folder.hpp"

using namespace layerctl;

namespace {

constexpr std::size_t footer_bytes = 48;

struct Block {
    std::size_t begin, size;
};

/// A block that lies in the table together with its kind and its checksum.
Block take_block(std::string_view table, std::string_view& handle) {
    const std::uint64_t begin = ProtobufReader::varint(handle), size = ProtobufReader::varint(handle);
    if (begin > table.size() || size > table.size() - begin || table.size() - begin - size < 5) return {0, 0};
    return {begin, size};
}

void mend_block(std::string& table, const Block& block) {
    if (block.size == 0) return;
    const std::uint32_t sum = formats::masked_crc32c(std::string_view(table).substr(block.begin, block.size + 1));
    std::memcpy(table.data() + block.begin + block.size + 1, &sum, sizeof sum);
}

/// The block of handles last: it may lie where one of the others does.
void mend_table(std::string& table) {
    if (table.size() < footer_bytes) return;
    std::string_view footer = std::string_view(table).substr(table.size() - footer_bytes);
    take_block(table, footer);
    const Block index = take_block(table, footer);
    const std::string handles = table.substr(index.begin, index.size);
    for (std::string_view rest = handles; rest.size() > 4;) {
        ProtobufReader::varint(rest);
        const std::uint64_t key = ProtobufReader::varint(rest);
        ProtobufReader::varint(rest);
        rest.remove_prefix(std::min<std::size_t>(key, rest.size()));
        mend_block(table, take_block(table, rest));
    }
    mend_block(table, index);
}

void change(const std::string& name, std::string& bytes) {
    fuzz::mutate_bytes(bytes, LLVMFuzzerMutate);
    if (name.ends_with(".index")) fuzz::expect_answer([&] { mend_table(bytes); });
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    return fuzz::mutate_member(data, size, most, seed, change);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::Folder folder(fuzz::text_of(data, size),
                              {"saved_model.pb", "keras_metadata.pb", "variables/variables.index",
                               "variables/variables.data-00000-of-00001"});
    std::ofstream(folder.path() / "saved_model.pb", std::ios::app);  // always there
    fuzz::expect_answer([&] { fuzz::read_all(*formats::load_model(folder.path())); });
    return 0;
}
