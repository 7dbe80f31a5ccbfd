// IntegerLookup: integers of a vocabulary as indices, or the reverse.
#include "engine/layers/preprocessing/index_lookup.hpp"

namespace layerctl {
namespace {

class IntegerLookup final : public IndexLookup<std::int64_t> {
public:
    IntegerLookup() : IndexLookup(-1) {}

private:
    void config(ConfigIo& io) override {
        table.lookup_config(io);
        io.only("vocabulary_dtype", "int64");
    }

    /// Old versions wrote the dtype of the terms as the layer's.
    DType encoded_dtype_keras2() const override {
        return compute_dtype() == DType::int64 ? DType::float32 : compute_dtype();
    }
};

LAYERCTL_REGISTER_LAYER(IntegerLookup);

}  // namespace
}  // namespace layerctl
