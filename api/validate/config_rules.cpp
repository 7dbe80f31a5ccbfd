// Rules about a config: LC001, LC002, LC006, LC008.
#include <algorithm>
#include <array>
#include <cctype>

#include "api/lambda_code.hpp"
#include "api/validate/rules.hpp"
#include "formats/json/text.hpp"

namespace layerctl {
namespace {

constexpr std::array<std::string_view, 6> keras_packages = {
    "keras.src.", "keras.", "tf_keras.src.", "tf_keras.", "tensorflow.python.keras.", "tensorflow.keras."};

/// Parts of Keras whose objects a config may hold; others do things: keras.utils.get_file, keras.config.
constexpr std::array<std::string_view, 16> object_modules = {
    "layers", "activations", "initializers",   "regularizers",    "constraints", "optimizers", "losses", "metrics",
    "models", "engine",      "dtype_policies", "mixed_precision", "quantizers",  "ops",        "random", "legacy"};

constexpr std::array<std::string_view, 4> foreign_models = {"TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer"};

/// Keys whose text is a file wherever it is text.
constexpr std::array<std::string_view, 6> file_keys = {"vocabulary", "filepath", "file_path",
                                                       "filename",   "url",      "path"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

bool is_keras_object(std::string_view module) {
    if (module == "keras" || module == "tf_keras") return true;
    for (const std::string_view package : keras_packages)
        if (module.starts_with(package)) {
            module.remove_prefix(package.size());
            return contains(object_modules, module.substr(0, module.find('.')));
        }
    return false;
}

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }

/// "scheme://", "/etc/x", "~/x", "../x", "\\host", "C:\x".
bool looks_like_place(std::string_view text) {
    const std::size_t scheme = text.find("://");
    if (scheme != std::string_view::npos && scheme > 1 &&
        std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(scheme), is_letter))
        return true;
    if (text.size() > 1 && text[0] == '/' && is_letter(text[1])) return true;
    if (text.starts_with("~/") || text.starts_with("./") || text.starts_with("../") || text.starts_with("\\\\"))
        return true;
    return text.size() > 3 && is_letter(text[0]) && text[1] == ':' && (text[2] == '\\' || text[2] == '/');
}

const std::string* text_of(const Value& object, std::string_view key) {
    const Value* value = object.find(key);
    return value == nullptr ? nullptr : value->string();
}

class ConfigRules {
public:
    ConfigRules(std::string place, std::vector<Finding>& findings) : place_(std::move(place)), findings_(findings) {}

    void visit(const Value& value, std::string_view key) {
        if (const Value::Array* items = value.array()) {
            if (key == "vocabulary") return;  // tokens
            for (const Value& item : *items) visit(item, key);
        }
        if (const std::string* text = value.string();
            text != nullptr && (looks_like_place(*text) || contains(file_keys, key)))
            add("LC006", cat("'", key, "' is ", excerpt(value)));
        if (value.object() != nullptr) visit_object(value);
    }

private:
    void visit_object(const Value& object) {
        const std::string outer = layer_;
        const std::string* class_name = text_of(object, "class_name");
        if (class_name != nullptr) {
            if (const Value* config = object.find("config"); config != nullptr) {
                if (const Value* arguments = config->find("arguments"); arguments != nullptr) arguments_ = *arguments;
                if (const std::string* name = text_of(*config, "name"))
                    layer_ = cat("layer '", *name, "' (", *class_name, ")");
            }
            visit_class(object, *class_name);
        }
        if (class_name == nullptr || *class_name != "__lambda__") visit_members(object);
        layer_ = outer;
    }

    void visit_members(const Value& object) {
        for (const auto& [key, value] : *object.object()) {
            const std::string* type = text_of(object, key + "_type");
            if (type == nullptr || *type != "lambda") {
                visit(value, key);
                continue;
            }
            if (value.array() == nullptr && value.string() == nullptr) continue;
            const std::optional<LambdaCode> code = key == "function" ? lambda_code(object) : std::nullopt;
            add("LC001", cat("'", key, "' holds Python bytecode", code ? ", " + described(*code) : ""));
        }
    }

    void visit_class(const Value& object, const std::string& class_name) {
        if (class_name == "__lambda__") {
            const auto code = lambda_code(Value::object({{"function", object}, {"arguments", arguments_}}));
            add("LC001", cat("a function as Python bytecode", code ? ", " + described(*code) : ""));
        }
        if (contains(foreign_models, class_name)) add("LC008", cat("the class ", class_name));
        const std::string* module = text_of(object, "module");
        if (module == nullptr || is_keras_object(*module)) return;
        const std::string* function = class_name == "function" ? text_of(object, "config") : nullptr;
        add("LC002", cat(*module, ".", function == nullptr ? class_name : *function));
    }

    void add(std::string_view id, std::string message) {
        findings_.push_back({&rule(id), layer_.empty() ? place_ : place_ + ": " + layer_, std::move(message)});
    }

    std::string place_, layer_;
    Value arguments_;  // of the layer
    std::vector<Finding>& findings_;
};

}  // namespace

void check_config(const std::string& text, const std::string& place, std::vector<Finding>& findings) {
    ConfigRules(place, findings).visit(formats::parse_json(text).value(), "");
}

}  // namespace layerctl
