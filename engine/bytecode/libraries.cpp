#include "engine/bytecode/libraries.hpp"

#include <algorithm>
#include <limits>
#include <numbers>
#include <set>
#include <utility>

#include "engine/expressions/functions.hpp"
#include "engine/ops/table/op.hpp"
#include "models/lower_case.hpp"

namespace layerctl::bytecode {
namespace {

using Spelling = std::pair<std::string_view, std::string_view>;

constexpr Spelling modules[] = {
    {"tf", "tf"},       {"tensorflow", "tf"}, {"K", "K"},      {"KB", "K"},      {"k", "K"},     {"backend", "K"},
    {"keras", "keras"}, {"np", "np"},         {"numpy", "np"}, {"math", "math"}, {"ops", "ops"},
};

// What a path begins with, and what it is written as; longer ones first.
constexpr Spelling prefixes[] = {
    {"tf.compat.v2.keras.", "keras."},
    {"tf.compat.v1.keras.", "keras."},
    {"tf.compat.v2.", "tf."},
    {"tf.keras.", "keras."},
    {"keras.backend.", "K."},
    {"keras.ops.numpy.", "ops."},
    {"keras.ops.nn.", "ops."},
    {"keras.ops.", "ops."},
    {"ops.numpy.", "ops."},
    {"ops.nn.", "ops."},
};

// Functions of compat.v1 that are those of TensorFlow 2 but for the places of arguments, which their kinds tell.
constexpr std::string_view version1 = "tf.compat.v1.";

constexpr std::string_view changed[] = {"tf.where", "tf.image.resize", "K.resize_images"};

const std::set<std::string>& known_modules() {
    static const std::set<std::string> all = [] {
        std::set<std::string> paths = {"keras", "keras.activations",     "K",         "ops",          "np",
                                       "math",  "tf.image.ResizeMethod", "tf.compat", "tf.compat.v1", "tf.compat.v2"};
        for (const std::string& name : ops::tf_op_names())
            for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1))
                paths.insert("tf." + name.substr(0, dot));
        return paths;
    }();
    return all;
}

}  // namespace

std::string_view module_of(std::string_view global) {
    for (const auto& [name, module] : modules)
        if (name == global) return module;
    return {};
}

std::string canonical(const std::string& path) {
    std::string result = path;
    for (const auto& [spelled, written] : prefixes)
        if (result.starts_with(spelled)) result = std::string(written) + result.substr(spelled.size());
    for (const auto& [spelled, written] : prefixes)
        if (result + "." == spelled) result = written.substr(0, written.size() - 1);
    const bool of_version1 = result.starts_with(version1) && result.size() > version1.size();
    if (!of_version1 || ops::find_tf_op(result.substr(3)) != nullptr) return result;
    const std::string newer = "tf." + result.substr(version1.size());
    const bool same = !newer.starts_with("tf.image") && !changed_since_tensorflow1(newer);
    return same ? newer : result;
}

std::optional<Value> library_constant(const std::string& path) {
    static const std::pair<std::string_view, Value> all[] = {
        {"np.pi", std::numbers::pi},
        {"math.pi", std::numbers::pi},
        {"np.e", std::numbers::e},
        {"math.e", std::numbers::e},
        {"np.inf", std::numeric_limits<double>::infinity()},
        {"math.inf", std::numeric_limits<double>::infinity()},
        {"tf.newaxis", Value()},
        {"np.newaxis", Value()},
        {"tf.image.ResizeMethod.BILINEAR", "bilinear"},
        {"tf.image.ResizeMethod.NEAREST_NEIGHBOR", "nearest"},
        {"tf.image.ResizeMethod.BICUBIC", "bicubic"},
        {"tf.image.ResizeMethod.AREA", "area"},
    };
    for (const auto& [name, value] : all)
        if (name == path) return value;
    return path.starts_with("tf.") ? expressions::find_library_constant(path) : std::nullopt;
}

bool is_module(const std::string& path) { return known_modules().contains(path); }

bool is_random(const std::string& path) {
    const std::string lower = lower_case(path);
    for (const char* word : {"random", "dropout", "truncated_normal", "shuffle", "stateless_", "multinomial"})
        if (lower.find(word) != std::string::npos) return true;
    return false;
}

bool changed_since_tensorflow1(const std::string& path) {
    return std::find(std::begin(changed), std::end(changed), path) != std::end(changed);
}

}  // namespace layerctl::bytecode
