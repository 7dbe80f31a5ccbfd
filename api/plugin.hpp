// Plug-ins in C++: classes over plugin.h that keep exceptions and allocations on their side of the border. Header only,
// C++17, links with nothing.
//
//     extern "C" const layerctl_plugin* layerctl_plugin_entry() {
//         static const layerctl::plugin::Plugin plugin({layerctl::plugin::layer<Linear>("Linear").config(R"({"units":
//         null})")}); return plugin.table();
//     }
//
// Errors: throw Failure with a code of plugin.h; other exceptions become LAYERCTL_FAILED with their text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "plugin.h"

namespace layerctl::plugin {

using Dims = std::vector<std::int64_t>;
inline constexpr std::int64_t unknown = -1;

class Failure : public std::runtime_error {
public:
    Failure(int code, const std::string& text) : std::runtime_error(text), code_(code) {}
    int code() const noexcept { return code_; }

private:
    int code_;
};

/// Dtype and shape, batch first; dimensions may be unknown.
struct Spec {
    Dims shape;
    std::int32_t dtype = LAYERCTL_SAME;
};

struct Weight {
    std::string name;
    Dims shape;
    std::string initializer = "glorot_uniform";
    bool trainable = true;
    std::int32_t dtype = LAYERCTL_SAME;
};

/// A dimension that a weight hangs on.
inline std::int64_t known(std::int64_t dim) {
    if (dim == unknown) throw Failure(LAYERCTL_BAD_SHAPE, "a dimension must be known");
    return dim;
}

template <class T>
constexpr std::int32_t dtype_of() {
    if constexpr (std::is_same_v<T, float>) return LAYERCTL_FLOAT32;
    else if constexpr (std::is_same_v<T, double>) return LAYERCTL_FLOAT64;
    else if constexpr (std::is_same_v<T, std::int8_t>) return LAYERCTL_INT8;
    else if constexpr (std::is_same_v<T, std::int16_t>) return LAYERCTL_INT16;
    else if constexpr (std::is_same_v<T, std::int32_t>) return LAYERCTL_INT32;
    else if constexpr (std::is_same_v<T, std::int64_t>) return LAYERCTL_INT64;
    else if constexpr (std::is_same_v<T, std::uint8_t>) return LAYERCTL_UINT8;
    else if constexpr (std::is_same_v<T, std::uint16_t>) return LAYERCTL_UINT16;
    else if constexpr (std::is_same_v<T, std::uint32_t>) return LAYERCTL_UINT32;
    else if constexpr (std::is_same_v<T, std::uint64_t>) return LAYERCTL_UINT64;
    else if constexpr (std::is_same_v<T, bool>) return LAYERCTL_BOOL;
    else static_assert(!sizeof(T), "no dtype holds this type");
}

/// A tensor of a call. It points into memory of layerctl and is good until the call returns.
class Tensor {
public:
    explicit Tensor(const layerctl_tensor& tensor) : tensor_(tensor) {}

    bool has_value() const { return tensor_.dims != nullptr || tensor_.data != nullptr; }
    std::int32_t dtype() const { return tensor_.dtype; }
    std::size_t rank() const { return tensor_.rank; }

    /// The size of an axis, counted from the back if negative.
    std::int64_t dim(std::ptrdiff_t axis) const {
        const auto count = static_cast<std::ptrdiff_t>(rank());
        const std::ptrdiff_t at = axis < 0 ? axis + count : axis;
        if (at < 0 || at >= count) throw Failure(LAYERCTL_BAD_SHAPE, "there is no axis " + std::to_string(axis));
        return tensor_.dims[at];
    }

    std::int64_t size() const {
        std::int64_t count = 1;
        for (std::size_t i = 0; i < rank(); ++i) count *= tensor_.dims[i];
        return count;
    }

    /// The elements, row-major; asking for another type than `dtype()` is a Failure.
    template <class T>
    const T* values() const {
        return elements<T>();
    }

protected:
    template <class T>
    T* elements() const {
        if (dtype_of<T>() != dtype()) throw Failure(LAYERCTL_UNSUPPORTED, "a tensor has another dtype than expected");
        return static_cast<T*>(tensor_.data);
    }

private:
    layerctl_tensor tensor_;
};

/// A tensor to be written, every element.
class Output : public Tensor {
public:
    using Tensor::Tensor;

    template <class T>
    T* values() const {
        return elements<T>();
    }
};

/// Calls `action` with a zero of the C++ type that holds a floating dtype: `[&](auto zero) { using T = decltype(zero);
/// … }`.
template <class Action>
void with_float(std::int32_t dtype, const Action& action) {
    if (dtype == LAYERCTL_FLOAT32) action(float{});
    else if (dtype == LAYERCTL_FLOAT64) action(double{});
    else throw Failure(LAYERCTL_UNSUPPORTED, "wanted floating-point numbers");
}

/// y = function(x), element by element, for floats.
template <class Function>
void map(const Tensor& x, const Output& y, const Function& function) {
    with_float(x.dtype(), [&](auto zero) {
        using T = decltype(zero);
        const T* from = x.values<T>();
        std::transform(from, from + x.size(), y.values<T>(), function);
    });
}

namespace detail {

inline int report(layerctl_error* error, int code, const char* text) noexcept {
    std::snprintf(error->text, error->capacity, "%s", text);
    return code;
}

/// Exceptions become codes.
template <class Action>
int guarded(layerctl_error* error, const Action& action) noexcept {
    try {
        action();
        return LAYERCTL_OK;
    } catch (const Failure& failure) {
        return report(error, failure.code(), failure.what());
    } catch (const std::exception& exception) {
        return report(error, LAYERCTL_FAILED, exception.what());
    } catch (...) {
        return report(error, LAYERCTL_FAILED, "an unknown exception");
    }
}

/// And codes exceptions.
template <class Action>
void required(const Action& action) {
    char text[512] = "";
    layerctl_error error{sizeof(layerctl_error), sizeof text, text};
    if (const int code = action(&error); code != LAYERCTL_OK) throw Failure(code, text);
}

inline std::vector<Spec> specs(const layerctl_spec* given, std::size_t count) {
    std::vector<Spec> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back({Dims(given[i].dims, given[i].dims + given[i].rank), given[i].dtype});
    return out;
}

inline std::uint32_t rank(const Dims& dims) { return static_cast<std::uint32_t>(dims.size()); }

}  // namespace detail

/// The config of one layer, under the keys its class lists. A value of another kind is a Failure that names the key.
class Config {
public:
    explicit Config(const layerctl_config& config) : config_(config) {}

    bool is_null(const char* key) const { return get<int>(config_.is_null, key) != 0; }
    bool boolean(const char* key) const { return get<int>(config_.boolean, key) != 0; }
    std::int64_t integer(const char* key) const { return get<std::int64_t>(config_.integer, key); }
    double number(const char* key) const { return get<double>(config_.number, key); }
    std::string text(const char* key) const { return get<const char*>(config_.text, key); }
    Dims integers(const char* key) const { return list<std::int64_t>(config_.integers, key); }
    std::vector<double> numbers(const char* key) const { return list<double>(config_.numbers, key); }

    /// All of it, for what the functions above cannot say.
    const char* json() const { return config_.json; }
    const char* layer_name() const { return config_.layer_name; }
    int keras() const { return config_.keras; }
    std::int32_t compute_dtype() const { return config_.compute_dtype; }
    std::int32_t variable_dtype() const { return config_.variable_dtype; }

private:
    template <class T, class Get>
    T get(Get function, const char* key) const {
        T value{};
        detail::required([&](layerctl_error* error) { return function(&config_, key, &value, error); });
        return value;
    }

    template <class T, class Get>
    std::vector<T> list(Get function, const char* key) const {
        const T* values = nullptr;
        std::size_t count = 0;
        detail::required([&](layerctl_error* error) { return function(&config_, key, &values, &count, error); });
        return std::vector<T>(values, values + count);
    }

    const layerctl_config& config_;
};

/// One call: inputs and weights to read, outputs to write. The states of a cell stand behind its input and its output.
class Call {
public:
    explicit Call(const layerctl_call& call) : call_(call) {}

    std::size_t inputs() const { return call_.input_count; }
    std::size_t outputs() const { return call_.output_count; }
    Tensor input(std::size_t i = 0) const { return Tensor(call_.inputs[checked(i, inputs(), "input")]); }
    Output output(std::size_t i = 0) const { return Output(call_.outputs[checked(i, outputs(), "output")]); }

    /// Without a mask it has no value.
    Tensor mask(std::size_t i = 0) const { return Tensor(call_.masks[checked(i, inputs(), "mask")]); }

    Tensor weight(const char* name) const {
        for (std::size_t i = 0; i < call_.weight_count; ++i)
            if (std::strcmp(call_.weight_names[i], name) == 0) return Tensor(call_.weights[i]);
        throw Failure(LAYERCTL_FAILED, std::string("there is no weight '") + name + "'");
    }

private:
    static std::size_t checked(std::size_t i, std::size_t count, const char* what) {
        if (i >= count) throw Failure(LAYERCTL_FAILED, std::string("there is no ") + what + " " + std::to_string(i));
        return i;
    }

    const layerctl_call& call_;
};

/// A layer; made from a `const Config&`. One object may be called on several threads at once.
class Layer {
public:
    virtual ~Layer() = default;

    /// For inputs of these dtypes and shapes; what is known of the inputs must make the outputs known.
    virtual std::vector<Spec> outputs(const std::vector<Spec>& in) const = 0;

    /// In the order of their creation.
    virtual std::vector<Weight> weights(const std::vector<Spec>&) const { return {}; }

    virtual void call(const Call& call) const = 0;
};

/// A recurrent cell: `outputs` and `weights` are asked with the input of one step and the states.
class Cell : public Layer {
public:
    /// Shapes of the states for the input of one step, without the batch.
    virtual std::vector<Dims> states(const Spec& x) const = 0;
};

/// The table of one class; see layerctl_class for what the texts mean.
class Class {
public:
    explicit Class(const layerctl_class& table) : table_(table) {}

    Class& inputs(const char* json) { return table_.inputs = json, *this; }
    Class& config(const char* json) { return table_.config = json, *this; }
    Class& ignore(const char* json) { return table_.ignore = json, *this; }
    Class& passes_mask() { return table_.mask = LAYERCTL_MASK_PASSES, *this; }
    const layerctl_class* table() const { return &table_; }

private:
    layerctl_class table_;
};

class Activation {
public:
    explicit Activation(const layerctl_activation& table) : table_(table) {}
    const layerctl_activation* table() const { return &table_; }

private:
    layerctl_activation table_;
};

namespace detail {

template <class T>
int create(const layerctl_config* config, void** object, layerctl_error* error) {
    return guarded(error, [&] { *object = static_cast<Layer*>(new T(Config(*config))); });
}

inline void destroy(void* object) { delete static_cast<Layer*>(object); }

inline const Layer& layer_of(const void* object) { return *static_cast<const Layer*>(object); }

inline int outputs(const void* object, const layerctl_spec* in, std::size_t count, const layerctl_specs* to,
                   layerctl_error* error) {
    return guarded(error, [&] {
        for (const Spec& spec : layer_of(object).outputs(specs(in, count)))
            to->add(to, spec.dtype, rank(spec.shape), spec.shape.data());
    });
}

inline int weights(const void* object, const layerctl_spec* in, std::size_t count, const layerctl_weights* to,
                   layerctl_error* error) {
    return guarded(error, [&] {
        for (const Weight& weight : layer_of(object).weights(specs(in, count))) {
            const layerctl_weight table{sizeof(layerctl_weight),   weight.name.c_str(), weight.dtype,
                                        rank(weight.shape),        weight.shape.data(), weight.trainable,
                                        weight.initializer.c_str()};
            to->add(to, &table);
        }
    });
}

inline int states(const void* object, const layerctl_spec* in, const layerctl_specs* to, layerctl_error* error) {
    return guarded(error, [&] {
        for (const Dims& shape : static_cast<const Cell&>(layer_of(object)).states(specs(in, 1).front()))
            to->add(to, LAYERCTL_SAME, rank(shape), shape.data());
    });
}

inline int call(const void* object, const layerctl_call* call, layerctl_error* error) {
    return guarded(error, [&] { layer_of(object).call(Call(*call)); });
}

template <auto function>
int activate(const layerctl_tensor* x, layerctl_tensor* y, layerctl_error* error) {
    return guarded(error, [&] { function(Tensor(*x), Output(*y)); });
}

template <class T>
layerctl_class table_of(const char* name) {
    layerctl_class table{};
    table.size = sizeof table;
    table.name = name;
    table.create = create<T>;
    table.destroy = destroy;
    table.outputs = outputs;
    table.weights = weights;
    table.call = call;
    return table;
}

}  // namespace detail

template <class T>
Class layer(const char* name) {
    static_assert(std::is_base_of_v<Layer, T> && !std::is_base_of_v<Cell, T>);
    return Class(detail::table_of<T>(name));
}

template <class T>
Class cell(const char* name) {
    static_assert(std::is_base_of_v<Cell, T>);
    layerctl_class table = detail::table_of<T>(name);
    table.kind = LAYERCTL_CELL;
    table.states = detail::states;
    return Class(table);
}

/// An activation from `void function(const Tensor& x, const Output& y)`.
template <auto function>
Activation activation(const char* name) {
    return Activation({sizeof(layerctl_activation), name, detail::activate<function>});
}

/// Everything a plug-in brings. `layerctl_plugin_entry` returns the table of a static one.
class Plugin {
public:
    explicit Plugin(std::vector<Class> classes, std::vector<Activation> activations = {})
        : classes_(std::move(classes)), activations_(std::move(activations)) {
        for (const Class& known : classes_) class_tables_.push_back(known.table());
        for (const Activation& known : activations_) activation_tables_.push_back(known.table());
        table_ = {LAYERCTL_PLUGIN_ABI,  sizeof(layerctl_plugin),   class_tables_.data(),
                  class_tables_.size(), activation_tables_.data(), activation_tables_.size()};
    }
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;

    const layerctl_plugin* table() const { return &table_; }

private:
    std::vector<Class> classes_;
    std::vector<Activation> activations_;
    std::vector<const layerctl_class*> class_tables_;
    std::vector<const layerctl_activation*> activation_tables_;
    layerctl_plugin table_{};
};

}  // namespace layerctl::plugin
