#include "api/plugins/announced.hpp"

#include <algorithm>

#include "api/plugins/border.hpp"
#include "formats/json/text.hpp"
#include "models/limits.hpp"

namespace layerctl::plugins {
namespace {

constexpr std::size_t max_rank = 32;

Shape shape_from(std::uint32_t rank, const std::int64_t* dims) {
    if (rank > max_rank) fail(Code::refused, "a rank of ", rank);
    if (rank > 0 && dims == nullptr) fail(Code::config, "wanted ", rank, " dimensions, found none");
    const Shape shape(std::vector<std::int64_t>(dims, dims + rank));
    for (const std::int64_t dim : shape)
        if (dim < Shape::unknown) fail(Code::config, "wanted dimensions, found ", dim);
    return shape;
}

/// What a callback adds, and the first thing wrong with it.
template <class Taken>
struct Collector {
    std::vector<Taken> taken = {};
    std::optional<Error> problem = {};

    template <class Read>
    static void add(void* host, const Read& read) noexcept {
        auto& self = *static_cast<Collector*>(host);
        if (self.problem) return;
        try {
            if (self.taken.size() >= limits::opaque_outputs)
                fail(Code::refused, "more than ", limits::opaque_outputs, " of them");
            self.taken.push_back(read());
        } catch (const Error& error) {
            self.problem = error;
        } catch (const std::exception& error) {
            self.problem = Error(Code::internal, error.what());
        }
    }

    void throw_if_wrong() const {
        if (problem) throw Error(*problem);
    }
};

struct TakenSpec {
    std::optional<DType> dtype;
    Shape shape;
};

void add_spec(const layerctl_specs* to, std::int32_t dtype, std::uint32_t rank, const std::int64_t* dims) {
    Collector<TakenSpec>::add(to->host, [&] {
        return TakenSpec{dtype_from(dtype, std::nullopt), shape_from(rank, dims)};
    });
}

/// A name, or a serialized initializer.
Initializer initializer_from(const char* text) {
    Initializer initializer = Initializer::glorot_uniform();
    if (text == nullptr) return initializer;
    const Value value = *text == '{' ? formats::parse_json(text).value() : Value(text);
    if (!ConfigField<Initializer>::read(value, initializer, Dialect::keras3))
        fail(Code::config, "wanted an initializer, found ", excerpt(value));
    return initializer;
}

void add_weight(const layerctl_weights* to, const layerctl_weight* given) {
    Collector<WeightSpec>::add(to->host, [&] {
        if (given == nullptr) fail(Code::config, "wanted a weight, found none");
        const layerctl_weight weight = taken(*given, "layerctl_weight");
        if (weight.name == nullptr || *weight.name == '\0') fail(Code::config, "a weight without a name");
        return in_context(cat("weight '", weight.name, "'"), [&] {
            const Shape shape = shape_from(weight.rank, weight.dims);
            require(shape.is_known(), "the shape ", shape, " must be known");
            return WeightSpec{weight.name, shape, initializer_from(weight.initializer), weight.trainable != 0,
                              dtype_from(weight.dtype, std::nullopt)};
        });
    });
}

void refuse_doubles(const WeightSpecs& weights) {
    std::vector<std::string> names;
    for (const WeightSpec& weight : weights) names.push_back(weight.name);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) fail(Code::config, "two weights are called '", *twice, "'");
}

}  // namespace

OutputSpec announced(const char* name, DType same,
                     const std::function<int(const layerctl_specs*, layerctl_error*)>& callback) {
    Collector<TakenSpec> collector;
    const layerctl_specs to{sizeof(layerctl_specs), &collector, add_spec};
    cross(name, [&](layerctl_error* error) { return callback(&to, error); });
    in_context(cat("'", name, "' of the plug-in"), [&] { collector.throw_if_wrong(); });
    OutputSpec spec;
    for (const TakenSpec& item : collector.taken) {
        spec.shapes.push_back(item.shape);
        spec.dtypes.push_back(item.dtype.value_or(same));
    }
    return spec;
}

WeightSpecs declared(const std::function<int(const layerctl_weights*, layerctl_error*)>& callback) {
    Collector<WeightSpec> collector;
    const layerctl_weights to{sizeof(layerctl_weights), &collector, add_weight};
    cross("weights", [&](layerctl_error* error) { return callback(&to, error); });
    in_context("'weights' of the plug-in", [&] {
        collector.throw_if_wrong();
        refuse_doubles(collector.taken);
    });
    return std::move(collector.taken);
}

}  // namespace layerctl::plugins
