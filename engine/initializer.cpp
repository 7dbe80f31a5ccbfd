#include "engine/initializer.hpp"

#include <algorithm>
#include <cctype>

#include "engine/initializers/fill.hpp"
#include "models/suggest.hpp"

namespace layerctl {
namespace {

struct Alias {
    std::string_view name, class_name;
};

// Short names beside the snake-case form of every class name.
constexpr Alias aliases[] = {
    {"zero", "Zeros"},
    {"one", "Ones"},
    {"uniform", "RandomUniform"},
    {"normal", "RandomNormal"},
    {"IdentityInitializer", "Identity"},
    {"OrthogonalInitializer", "Orthogonal"},
    {"STFTInitializer", "STFT"},
    {"stft", "STFT"},
};

// Not a class of Keras, which writes it as a flag of LSTM.
constexpr std::string_view unit_forget_bias_name = "UnitForgetBias";

/// "GlorotUniform" -> "glorot_uniform".
std::string snake_case(std::string_view class_name) {
    std::string out;
    for (const char c : class_name) {
        const bool upper = std::isupper(static_cast<unsigned char>(c)) != 0;
        if (upper && !out.empty()) out += '_';
        out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    return out;
}

/// The class an initializer of that name belongs to; the name itself if none is known. Keras 2 has every name once more
/// with "V2" behind it.
std::string class_of(const std::string& name) {
    if (name.ends_with("V2")) return class_of(name.substr(0, name.size() - 2));
    for (const Alias& alias : aliases)
        if (alias.name == name) return std::string(alias.class_name);
    for (const std::string& class_name : initializers::class_names())
        if (snake_case(class_name) == name) return class_name;
    return name;
}

std::uint64_t own_seed(const Initializer& initializer, std::uint64_t otherwise) {
    const Value* seed = initializer.config.find("seed");
    return seed == nullptr || seed->integer() == nullptr ? otherwise : static_cast<std::uint64_t>(*seed->integer());
}

std::size_t count(const Value& config, std::string_view key, std::size_t otherwise) {
    const Value* value = config.find(key);
    return value == nullptr ? otherwise : static_cast<std::size_t>(*value->integer());
}

/// The bias of an LSTM: its own initializer, but ones for the forget gate, the second of four blocks unless the config
/// says which.
Tensor initialize_unit_forget_bias(const Value& config, DType dtype, const Shape& shape, std::uint64_t seed) {
    Initializer bias;
    ConfigField<Initializer>::read(*config.find("bias_initializer"), bias, Dialect::keras3);
    Tensor values = initialize(bias, DType::float64, shape, seed);
    const std::span<double> blocks = values.mutable_values<double>();
    const std::size_t size = blocks.size() / count(config, "blocks", 4);
    std::fill_n(blocks.data() + count(config, "block", 1) * size, size, 1.0);
    return values.cast(dtype);
}

}  // namespace

Initializer Initializer::unit_forget_bias(const Initializer& bias) {
    return {std::string(unit_forget_bias_name),
            Value::object({{"bias_initializer", ConfigField<Initializer>::write(bias)}})};
}

Tensor initialize(const Initializer& initializer, DType dtype, const Shape& shape, std::uint64_t seed) {
    if (initializer.class_name == unit_forget_bias_name)
        return initialize_unit_forget_bias(initializer.config, dtype, shape, seed);
    const initializers::Fill* fill = initializers::find(initializer.class_name);
    if (fill == nullptr)
        fail(Code::unsupported, "unknown initializer '", initializer.class_name, "'",
             did_you_mean(initializer.class_name, initializers::class_names()));
    return in_context("initializer " + initializer.class_name, [&] {
        initializers::Parameters parameters;
        const Config config(initializer.config);
        ConfigReader reader(config, Dialect::keras3);
        fill->fields(reader, parameters);
        reader.ignored("seed");
        reader.finish();
        reader.problems().throw_if_any();
        Tensor values(DType::float64, shape);
        ops::Random random(own_seed(initializer, seed));
        fill->fill(parameters, shape, random, values.mutable_values<double>());
        return values.cast(dtype);
    });
}

bool ConfigField<Initializer>::read(const Value& value, Initializer& out, Dialect) {
    const Value* class_name = value.find("class_name");
    const Value* config = value.find("config");
    if (value.string() != nullptr) out = {class_of(*value.string())};
    else if (class_name != nullptr && class_name->string() != nullptr)
        out = {class_of(*class_name->string()),
               config == nullptr || config->is_null() ? Value(Value::Object{}) : *config};
    else if (!value.is_null()) return false;
    out.source = value;
    return true;
}

Value ConfigField<Initializer>::write(const Initializer& initializer) {
    if (initializer.source) return *initializer.source;
    return Value::object({{"module", "keras.initializers"},
                          {"class_name", initializer.class_name},
                          {"config", initializer.config},
                          {"registered_name", nullptr}});
}

void weight_config(ConfigIo& io, const std::string& weight, Initializer& initializer) {
    const std::string own = weight + "_initializer", regularizer = weight + "_regularizer",
                      constraint = weight + "_constraint";
    io.optional(own.c_str(), initializer);
    io.ignored(regularizer.c_str());
    io.ignored(constraint.c_str());
}

}  // namespace layerctl
