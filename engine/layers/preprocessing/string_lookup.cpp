// StringLookup: strings of a vocabulary as indices, or the reverse.
#include "engine/layers/preprocessing/index_lookup.hpp"

namespace layerctl {
namespace {

class StringLookup final : public IndexLookup<std::string> {
public:
    StringLookup() : IndexLookup("[UNK]") {}

private:
    void config(ConfigIo& io) override {
        table.lookup_config(io);
        io.ignored("encoding");
    }

    /// Old versions wrote the dtype of the terms as the layer's.
    DType encoded_dtype_keras2() const override {
        return compute_dtype() == DType::string ? DType::float32 : compute_dtype();
    }
};

LAYERCTL_REGISTER_LAYER(StringLookup);

}  // namespace
}  // namespace layerctl
