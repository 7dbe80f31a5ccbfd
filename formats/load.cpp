#include "formats/load.hpp"

#include "formats/bytes.hpp"
#include "formats/detect.hpp"
#include "formats/h5/model_h5.hpp"
#include "formats/json/architecture.hpp"
#include "formats/json/text.hpp"

namespace layerctl::formats {

std::shared_ptr<ModelSpec> load_model(const std::filesystem::path& path) {
    const Detection found = detect(path);
    if (found.variant == Variant::h5) return load_h5_model(h5::File::open(path));
    if (found.variant == Variant::json) return parse_model_json(read_file(path));
    fail_unreadable(found);
}

std::shared_ptr<ModelSpec> load_model(std::span<const std::byte> bytes) {
    const Detection found = detect(bytes);
    if (found.variant == Variant::h5) return load_h5_model(h5::File::open(bytes));
    if (found.variant == Variant::json) return parse_model_json(as_text(bytes));
    fail_unreadable(found);
}

std::shared_ptr<ModelSpec> parse_model_json(std::string_view json) {
    return load_json_model(parse_json(std::string(json)));
}

WeightStore load_weights(const std::filesystem::path& path) {
    return in_context(path.string(), [&] {
        const Detection found = detect(path);
        if (found.variant != Variant::h5)
            fail(found.code, "wanted weights in a legacy Keras h5, found ", found.description);
        return load_h5_weights(h5::File::open(path));
    });
}

}  // namespace layerctl::formats
