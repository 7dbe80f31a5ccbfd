// A file of which all that is in it is copied, by HDF5 itself: what a save leaves of it can be read again.
#include "formats/bytes.hpp"
#include "formats/load.hpp"
#include "formats/save.hpp"
#include "tests/fuzz/h5_fields.hpp"

using namespace layerctl;

namespace {

void copy(const ModelSpec& model, FileKind kind) {
    formats::Saving saving{kind};
    const std::string written =
        formats::bytes_of([&](formats::OutputFile& file) { formats::write_model(model, model.weights, saving, file); });
    fuzz::read_all(*formats::load_model(formats::as_bytes(written)));
}

}  // namespace

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    return fuzz::mutate_h5(data, size, most, seed);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::expect_answer([&] {
        const auto model = formats::load_model(fuzz::bytes_of(data, size));
        if (model->weights.file == nullptr) return;
        copy(*model, model->weights.layout == WeightLayout::by_path ? FileKind::keras_archive : FileKind::h5);
    });
    return 0;
}
