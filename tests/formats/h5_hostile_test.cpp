// Files HDF5 1.10 reads without a word, or crashes on.
#include <H5Cpp.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <random>

#include "formats/bytes.hpp"
#include "formats/load.hpp"
#include "models/error.hpp"

using namespace layerctl;
using formats::load_model;

namespace {

using Make = std::function<void(H5::Group&)>;

const std::string config_text =
    R"({"class_name": "Sequential", "config": {"name": "s", "layers": [{"class_name": "InputLayer", "config": )"
    R"({"name": "i", "batch_input_shape": [null, 4]}}, {"class_name": "Dense", "config": {"name": "dense", "units": 2}}]}})";

void write_text(H5::H5Object& object, const std::string& name, const std::string& text) {
    const H5::StrType type(H5::PredType::C_S1, H5T_VARIABLE);
    object.createAttribute(name, type, H5::DataSpace(H5S_SCALAR)).write(type, text);
}

void write_list(H5::H5Object& object, const std::string& name, const std::vector<const char*>& items) {
    const H5::StrType type(H5::PredType::C_S1, H5T_VARIABLE);
    const hsize_t count = items.size();
    object.createAttribute(name, type, H5::DataSpace(1, &count)).write(type, items.data());
}

void write_floats(H5::Group& group, const H5::DSetCreatPropList& list, std::vector<hsize_t> dims = {4}) {
    const H5::DataSpace space(static_cast<int>(dims.size()), dims.data());
    std::size_t count = 1;
    for (const hsize_t dim : dims) count *= dim;
    const std::vector<float> values(count, 1.5F);
    group.createDataSet("w", H5::PredType::IEEE_F32LE, space, list).write(values.data(), H5::PredType::NATIVE_FLOAT);
}

/// A whole-model file in memory whose only weight, "w" of layer "dense", is made by `make`.
std::string file_with(const Make& make) {
    H5::FileAccPropList access;
    access.setCore(1 << 16, false);
    H5::H5File file("hostile", H5F_ACC_TRUNC, H5::FileCreatPropList::DEFAULT, access);
    H5::Group root = file.openGroup("/");
    write_text(root, "model_config", config_text);
    write_text(root, "keras_version", "2.15.0");
    H5::Group weights = root.createGroup("model_weights");
    write_list(weights, "layer_names", {"dense"});
    H5::Group group = weights.createGroup("dense");
    write_list(group, "weight_names", {"w"});
    make(group);
    file.flush(H5F_SCOPE_GLOBAL);
    std::string bytes(static_cast<std::size_t>(H5Fget_file_image(file.getId(), nullptr, 0)), '\0');
    H5Fget_file_image(file.getId(), bytes.data(), bytes.size());
    return bytes;
}

struct Outcome {
    Code code = Code::usage;  // nothing was wrong
    std::string what;
};

/// Loads the model and reads every array.
Outcome outcome(const std::string& bytes) {
    try {
        const auto spec = load_model(formats::as_bytes(bytes));
        for (const WeightGroup& group : spec->weights.groups)
            for (const StoredWeight& weight : group.weights) weight.read();
        return {};
    } catch (const Error& error) {
        return {error.code(), error.what()};
    }
}

void refuses(const Make& make, Code code, const std::string& fragment) {
    const Outcome found = outcome(file_with(make));
    CAPTURE(found.what);
    CHECK(found.code == code);
    CHECK(found.what.find(fragment) != std::string::npos);
}

/// Replaces the first occurrence of `from` behind `after`.
std::string patched(std::string bytes, const std::string& after, const std::string& from, const std::string& to) {
    const std::size_t start = bytes.find(after);
    REQUIRE(start != std::string::npos);
    const std::size_t at = bytes.find(from, start);
    REQUIRE(at != std::string::npos);
    return bytes.replace(at, to.size(), to);
}

H5::DSetCreatPropList chunked(std::vector<hsize_t> dims) {
    H5::DSetCreatPropList list;
    list.setChunk(static_cast<int>(dims.size()), dims.data());
    return list;
}

}  // namespace

TEST_CASE("the hostile files are sound but for their fault") {
    CHECK(outcome(file_with([](H5::Group& group) { write_floats(group, {}); })).what.empty());
    CHECK(outcome(file_with([](H5::Group& group) { write_floats(group, chunked({2})); })).what.empty());
}

TEST_CASE("arrays must lie in the file itself") {
    refuses([](H5::Group& group) { group.link(H5L_TYPE_SOFT, "/elsewhere", "w"); }, Code::refused,
            "'w' is a soft link");
    refuses(
        [](H5::Group& group) { H5Lcreate_external("/etc/passwd", "/x", group.getId(), "w", H5P_DEFAULT, H5P_DEFAULT); },
        Code::refused, "'w' is a link to another file");
    refuses(
        [](H5::Group& group) {
            H5::DSetCreatPropList list;
            list.setExternal("/etc/passwd", 0, 16);
            const hsize_t dim = 4;
            group.createDataSet("w", H5::PredType::IEEE_F32LE, H5::DataSpace(1, &dim), list);
        },
        Code::refused, "in other files");
    refuses(
        [](H5::Group& group) {
            H5::DSetCreatPropList list;
            const hsize_t dim = 4;
            const H5::DataSpace space(1, &dim);
            list.setVirtual(space, "other.h5", "x", space);
            group.createDataSet("w", H5::PredType::IEEE_F32LE, space, list);
        },
        Code::refused, "virtual dataset");
}

TEST_CASE("sizes that the stored bytes cannot have are refused before memory is taken") {
    refuses(
        [](H5::Group& group) {
            const hsize_t dims[] = {1 << 20, 1 << 16};
            group.createDataSet("w", H5::PredType::IEEE_F32LE, H5::DataSpace(2, dims), chunked({1024, 1024}));
        },
        Code::refused, "cannot hold");
    refuses(
        [](H5::Group& group) {
            const hsize_t dim = hsize_t{1} << 62;
            H5::DSetCreatPropList list;
            list.setAllocTime(H5D_ALLOC_TIME_LATE);
            group.createDataSet("w", H5::PredType::IEEE_F32LE, H5::DataSpace(1, &dim), chunked({1024}));
        },
        Code::refused, "exceeds the limit");
    refuses(
        [](H5::Group& group) {
            const hsize_t dim = 4, most = H5S_UNLIMITED;
            group.createDataSet("w", H5::PredType::IEEE_F32LE, H5::DataSpace(1, &dim, &most), chunked({1 << 29}));
        },
        Code::refused, "cannot hold");
    refuses(
        [](H5::Group& group) {
            const hsize_t dim = 200000;
            group.createDataSet("w", H5::PredType::IEEE_F32LE, H5::DataSpace(1, &dim), chunked({1}));
        },
        Code::refused, "chunks");
}

TEST_CASE("only one pass of each known filter is unpacked") {
    refuses(
        [](H5::Group& group) {
            auto list = chunked({4});
            list.setDeflate(9);
            H5Pset_filter(list.getId(), H5Z_FILTER_DEFLATE, H5Z_FLAG_MANDATORY, 0, nullptr);
            const hsize_t dim = 4;
            group.createDataSet("w", H5::PredType::IEEE_F32LE, H5::DataSpace(1, &dim), list);
        },
        Code::refused, "twice");
    refuses(
        [](H5::Group& group) {
            auto list = chunked({4});
            H5Pset_scaleoffset(list.getId(), H5Z_SO_FLOAT_DSCALE, 2);
            write_floats(group, list);
        },
        Code::unsupported, "'scaleoffset'");
}

TEST_CASE("named types and attributes of them are not followed") {
    refuses(
        [](H5::Group& group) {
            H5::DataType type(H5::PredType::IEEE_F32LE);
            H5Tcommit2(group.getId(), "t", type.getId(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
            const hsize_t dim = 4;
            group.createDataSet("w", type, H5::DataSpace(1, &dim));
        },
        Code::unsupported, "named type");
}

TEST_CASE("a list names every object once") {
    refuses(
        [](H5::Group& group) {
            write_floats(group, {});
            group.removeAttr("weight_names");
            write_list(group, "weight_names", {"w", "w"});
        },
        Code::weights, "names 'w' twice");
}

TEST_CASE("attributes of other types and empty names are errors") {
    refuses(
        [](H5::Group& group) {
            group.removeAttr("weight_names");
            const hsize_t dim = 2;
            group.createAttribute("weight_names", H5::PredType::NATIVE_INT, H5::DataSpace(1, &dim));
        },
        Code::format, "wanted a string");
    refuses(
        [](H5::Group& group) {
            group.removeAttr("weight_names");
            group.createAttribute("weight_names", H5::StrType(H5::PredType::C_S1, 40000), H5::DataSpace(H5S_SCALAR));
        },
        Code::weights, "wanted a dataset, found a group");
}

TEST_CASE("a heap object longer than its string claims is not copied whole") {
    const std::string sound = file_with([](H5::Group& group) { write_floats(group, {}); });
    const auto length = [](std::uint32_t value) { return std::string(reinterpret_cast<const char*>(&value), 4); };
    const std::string cut =
        patched(sound, "model_config", length(static_cast<std::uint32_t>(config_text.size())), length(20));
    CHECK(outcome(cut).code == Code::format);
    const std::string beyond =
        patched(sound, "model_config", length(static_cast<std::uint32_t>(config_text.size())), length(0xfffffff0));
    CHECK(outcome(beyond).code == Code::refused);
    const std::string some =
        patched(sound, "model_config", length(static_cast<std::uint32_t>(config_text.size())), length(100000));
    CHECK(outcome(some).code == Code::format);
}

TEST_CASE("chunks that unpack to too few bytes are damaged") {
    const auto with_chunk = [](std::uint32_t skipped_filters, const std::string& chunk, bool checksum) {
        return [=](H5::Group& group) {
            auto list = chunked({1000});
            if (checksum) list.setFletcher32();
            list.setDeflate(9);
            const hsize_t dim = 1000, origin = 0;
            const auto dataset = group.createDataSet("w", H5::PredType::IEEE_F32LE, H5::DataSpace(1, &dim), list);
            H5Dwrite_chunk(dataset.getId(), H5P_DEFAULT, skipped_filters, &origin, chunk.size(), chunk.data());
        };
    };
    const std::string few("\x78\x9c\x4b\x4c\x4c\x04\x00\x02\x49\x01\x24", 11);  // "aaa"
    refuses(with_chunk(0, few, false), Code::format, "damaged chunk");
    refuses(with_chunk(0, few, true), Code::format, "damaged chunk");
    refuses(with_chunk(2, "ab", true), Code::format, "damaged chunk");
    refuses(with_chunk(1, "no deflate stream", false), Code::format, "damaged chunk");
}

TEST_CASE("lzf streams are unpacked within the bounds of a chunk") {
    const auto with_chunk = [](const std::string& chunk, unsigned claimed) {
        return [=](H5::Group& group) {
            auto list = chunked({4});
            const unsigned values[] = {4, 0x105, claimed};
            H5Pset_filter(list.getId(), 32000, H5Z_FLAG_OPTIONAL, 3, values);
            const hsize_t dim = 4, origin = 0;
            const auto dataset = group.createDataSet("w", H5::PredType::IEEE_F32LE, H5::DataSpace(1, &dim), list);
            H5Dwrite_chunk(dataset.getId(), H5P_DEFAULT, 0, &origin, chunk.size(), chunk.data());
        };
    };
    const std::string literal = "\x0f" + std::string(16, 'a');  // 16 bytes as they are
    const std::string repeated(
        "\x00"
        "a"
        "\xe0\x06\x00\x00"
        "a",
        7);  // one byte, 15 times the one before, and one
    CHECK(outcome(file_with(with_chunk(literal, 16))).what.empty());
    CHECK(outcome(file_with(with_chunk(literal, 0xFFFFFFFF))).what.empty());
    CHECK(outcome(file_with(with_chunk(literal, 8))).code == Code::format);
    refuses(with_chunk(literal.substr(0, 10), 16), Code::format, "damaged chunk");
    refuses(with_chunk("\x0e" + std::string(15, 'a'), 16), Code::format, "wanted 16 bytes, found 15");
    refuses(with_chunk("\x1f" + std::string(32, 'a'), 16), Code::format, "damaged chunk");
    refuses(with_chunk(std::string("\xe0\x05\xff", 3), 16), Code::format, "damaged chunk");  // from before the start
    CHECK(outcome(file_with(with_chunk(repeated, 16))).code == Code::format);                // 17 bytes
}

TEST_CASE("indexes that lead in circles or out of the file are damaged") {
    const std::string sound = file_with([](H5::Group& group) { write_floats(group, chunked({2})); });
    const auto word = [](std::uint64_t value) { return std::string(reinterpret_cast<const char*>(&value), 8); };
    const auto damage = [&](const std::string& mark, std::size_t offset, const std::string& bytes) {
        std::string damaged = sound;
        const std::size_t at = damaged.find(mark);
        REQUIRE(at != std::string::npos);
        damaged.replace(at + offset, bytes.size(), bytes);
        return outcome(damaged);
    };
    const std::size_t tree = sound.find("TREE"), heap = sound.find("HEAP");
    std::uint64_t segment = 0;
    std::memcpy(&segment, sound.data() + heap + 24, 8);

    std::string circle = sound;  // a free stretch that is its own successor
    circle.replace(heap + 16, 8, word(16)).replace(segment + 16, 16, word(16) + word(8));
    CHECK(outcome(circle).what.find("damaged group") != std::string::npos);
    std::string loop = sound;  // a node that is its own child
    loop.replace(tree + 5, 1, "\1").replace(tree + 32, 8, word(tree));
    CHECK(outcome(loop).what.find("damaged B-tree") != std::string::npos);
    CHECK(damage("SNOD", 8, word(0xffff)).what.find("damaged group") != std::string::npos);
    CHECK(damage("SNOD", 16, word(std::uint64_t{1} << 60)).what.find("damaged group") != std::string::npos);
    const std::string chunk_tree = std::string("TREE\1", 5);
    CHECK(damage(chunk_tree, 24, std::string(1, 1)).what.find("damaged chunk") != std::string::npos);
    CHECK(damage(chunk_tree, 48, word(std::uint64_t{1} << 60)).what.find("damaged chunk") != std::string::npos);
}

TEST_CASE("random damage to the structure is an error or goes unnoticed, never a crash") {
    for (const char* name :
         {"all_mlp_k3", "attrs_fixed_strings_k2", "libver_latest_k3", "lstm_gzip_shuffle_fletcher_k2"}) {
        const std::string sound =
            formats::read_file(std::filesystem::path(LAYERCTL_TESTDATA) / "golden/formats" / name / "model.h5");
        std::mt19937 random(7);
        for (int round = 0; round < 300; ++round) {
            std::string damaged = sound;
            for (int flip = 0; flip < 3; ++flip) {
                std::size_t at = random() % sound.size();
                while (sound[at] == '\0') at = (at + 1) % sound.size();
                damaged[at] = static_cast<char>(random());
            }
            CAPTURE(name, round);
            CHECK(outcome(damaged).code != Code::internal);
        }
    }
}
