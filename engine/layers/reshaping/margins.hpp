// Margins: how many elements to add or remove before and after each spatial axis, as Cropping and ZeroPadding spell it.
#pragma once

#include <vector>

#include "engine/lowering.hpp"
#include "engine/ops/spatial.hpp"

namespace layerctl {

struct Margin {
    std::int64_t before = 0, after = 0;
};

/// One number for all sides, one per axis for both sides, or a pair per axis. Along a single axis: one number or a
/// pair.
struct Margins {
    std::vector<Margin> sides;
};

template <>
struct ConfigField<Margins> {
    static std::string wanted(const Margins& margins);
    static bool read(const Value& value, Margins& out, Dialect dialect);
    static Value write(const Margins& margins);
};

/// A layer that adds margins to every spatial axis (ZeroPadding), or removes them (Cropping) if `sign` is −1.
class MarginLayer : public Layer, public Lowers {
protected:
    MarginLayer(std::size_t rank, std::int64_t signed_one, const char* config_key, std::int64_t default_margin)
        : margins{std::vector<Margin>(rank, {default_margin, default_margin})}, sign(signed_one), key(config_key) {}

    void config(ConfigIo& io) override;
    Shapes compute_output_shape(const Shapes& in) const override;
    DType input_dtype(std::size_t, DType given) const override { return keep(given); }
    void call(const Tensors& x, const Weights& w, Tensors& y) const override;
    std::optional<Request> lower(const Shapes& in, const Weights& w) const override;

private:
    std::size_t first_axis() const { return data_format == DataFormat::channels_first ? 2 : 1; }

    Margins margins;
    std::int64_t sign;
    const char* key;
    DataFormat data_format = DataFormat::channels_last;
};

}  // namespace layerctl
