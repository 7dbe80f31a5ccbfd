// The front door: load a Keras model or build one, look at it, run it. Standard library types only.
//
//     const layerctl::Model model = layerctl::Model::load("model.h5");
//     const layerctl::Tensors outputs = model.predict({input});
//
// Every function may throw layerctl::Error, which says where, what was wanted and what was found.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/alignment.hpp"
#include "models/config.hpp"
#include "models/error.hpp"
#include "models/file_kind.hpp"
#include "models/tensor.hpp"

namespace layerctl {

/// An input or output of a model. The shape includes the batch axis; it is absent if a layer before it is unknown.
struct TensorInfo {
    std::string name;
    std::optional<Shape> shape;
    DType dtype = DType::float32;
};

/// A weight with the path Keras would give it: "conv1/kernel", "sub/dense/bias".
struct NamedTensor {
    std::string name;
    Tensor tensor;
};

/// How `Model::summary` draws. Defaults are those of the Keras version that wrote the file, piped to a file.
struct SummaryOptions {
    enum class Style { of_the_file, keras2, keras3 };
    Style style = Style::of_the_file;
    int width = 0;      // Keras' line_length; 0: Keras' default (Keras 3: what fits the terminal)
    int terminal = 80;  // columns of the terminal; wider Keras 3 tables are cut there
    bool expand_nested = false;
    bool show_trainable = false;
};

struct LoadOptions {
    /// Weights for a file that holds only an architecture, or instead of those it holds: an .h5, .keras, .weights.json,
    /// or an .npz or .safetensors whose arrays carry the names of the weights. Empty: none.
    std::filesystem::path weights = {};

    /// How its arrays find the layers, as Keras' load_weights does it. Weights that get none keep those of the model's
    /// own file or, if it has none, what their initializers draw: Model::alignment() says which.
    Graft graft = {};

    /// A file that says what the classes and functions compute that only the model's author has
    /// (docs/custom-objects.md). Empty: none.
    std::filesystem::path custom_objects = {};

    /// The same as JSON text, instead of a file. Empty: none.
    std::string custom_objects_json = {};

    /// Libraries that bring such classes and functions as code (docs/plugin/). They are loaded and run: name only what
    /// you trust. A library stays loaded as long as a model that was read with it.
    std::vector<std::filesystem::path> plugins = {};

    /// Leaves large weights of an .h5 or .keras in the file, which must not change then as long as the model lives:
    /// quicker, and pages of the file are memory the system can take back. For programs that load, run and end.
    bool map_weights = false;

    /// Bytes that a load may take for weights, members of archives and JSON. A file that claims more is Code::refused
    /// before any are. 0: four times the size of the files, at least 2 GiB.
    std::uint64_t max_memory = 0;
};

/// What a stateful layer keeps from one call to the next, in Keras' order: `h`; `h` and `c` of an LSTM; the states of a
/// Bidirectional's forward layer, then of its backward layer. Floats, batch first.
struct LayerState {
    std::string layer;  // its path: "lstm", "sub/gru"
    Tensors tensors;
};

struct SaveOptions {
    /// Nothing: what the name ends in (.keras, .h5, .hdf5, .weights.h5, .json, .npz, .safetensors,
    /// .onnx).
    std::optional<FileKind> kind = {};

    /// 2 or 3: written as that Keras would, see Model::translated. Nothing: as the Keras that wrote the model.
    std::optional<int> keras = {};

    /// float16, bfloat16, float32 or float64: floating weights are stored in it, rounded to nearest even. The config
    /// stays: whoever loads the file casts them to the dtype of the variables, as Keras does. A number beyond the dtype,
    /// or a kind of file whose readers do not know it, is Code::unsupported. Nothing: as they are.
    std::optional<DType> dtype = {};

    /// Without losses, metrics and the optimizer's state, where a save would keep them.
    bool strip = false;

    /// What is worth knowing about the file written is added here: "written without losses, metrics and optimizer".
    std::vector<std::string>* notes = nullptr;
};

/// What a layer takes of one run, all its calls together.
struct LayerCost {
    std::string layer;  // its path: "conv1", "sub/dense"
    std::string class_name;
    std::size_t calls = 0;
    std::optional<std::int64_t> macs;   // multiply-accumulates of its products; nothing if they are not counted
    std::optional<std::int64_t> bytes;  // of what it reads and makes, weights included; nothing of strings and of
                                        // shapes that hang on numbers
};

/// What the fast engine chose for a layer.
struct LayerKernel {
    std::string kernel;                 // "winograd"; "view": nothing to do; empty: the layer's own arithmetic
    std::string reason;                 // why no kernel, or no faster one, takes it
    std::optional<std::size_t> within;  // into Model::costs: the layer in whose kernel it is computed
};

/// When a call of a layer was computed.
struct LayerSpan {
    std::size_t layer = 0;  // into Model::costs
    std::chrono::steady_clock::time_point begin;
    std::chrono::steady_clock::time_point end;
};

/// How a model is run.
struct RunOptions {
    bool reference = false;  // every layer by its own arithmetic, which is plain and slow
    bool exact = false;      // nothing that rounds otherwise than sums of products of the model's own weights
    std::vector<std::string> without_passes = {};  // passes of the fast engine to leave out: "fold_scale"

    /// What the weights of dense and recurrent layers are rounded to: float32, bfloat16 or int8 (with a factor per
    /// column). Sums are in float32 all the same.
    DType precision = DType::float32;
};

/// What one thread needs to run a model again and again: buffers and resolved shapes. Not for two threads at once.
class Context {
public:
    /// As Model::predict; layers that keep state (`stateful`) go on from where the last call left them.
    Tensors predict(const Tensors& inputs);

    /// The same; adds when each layer was computed, in the order of execution.
    Tensors predict(const Tensors& inputs, std::vector<LayerSpan>& spans);

    /// What was chosen for inputs of these shapes, in the order of Model::costs; of several calls of a layer, for the
    /// first. A run leaves what comes with masks to the layers all the same.
    std::vector<LayerKernel> kernels(const std::vector<Shape>& inputs) const;

    /// For callers that run again and again on the same shapes: takes the inputs. `run` reads their numbers as they are
    /// then, if they are written through a pointer that was got before (a tensor copies what it shares when it is asked
    /// for its mutable numbers), and are of the model's dtype: others are converted now.
    void bind(const Tensors& inputs);

    /// Runs on what was bound; Code::usage if nothing was. The outputs are those of `predict` and stay until the next
    /// run. If the fast engine computes every layer, nothing is allocated but in the first run.
    const Tensors& run();

    /// What every stateful layer keeps now, in the order of the model. Zeros before the first call; no tensors then if
    /// the model leaves the batch size open.
    std::vector<LayerState> states() const;

    /// What these layers find in the next call, as `layer.reset_states(states)` sets it; other layers keep theirs.
    /// No such layer: Code::usage. One that keeps no state, another count or shape: Code::input.
    void set_states(const std::vector<LayerState>& states);

    /// Forgets what stateful layers kept: the next call begins with zeros.
    void reset_states();

    Context(Context&&) noexcept;
    Context& operator=(Context&&) noexcept;
    ~Context();

private:
    friend class Model;
    struct Impl;
    explicit Context(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// A loaded or built model. Immutable; copies share everything; any number of threads may use one.
class Model {
public:
    /// A legacy .h5 with or without its own config, or a .json; complete and ready to run.
    /// All problems of the file are thrown as one Error.
    static Model load(const std::filesystem::path& path, const LoadOptions& options = {});

    /// The same from memory.
    static Model load_bytes(std::span<const std::byte> bytes, const LoadOptions& options = {});

    /// An architecture as `model.to_json()` writes it; weights from `options.weights`, else drawn from the initializers
    /// with `seed`.
    static Model from_json(std::string_view json, const LoadOptions& options = {}, std::uint64_t seed = 0);

    /// What a file describes, read as far as it can be: unknown layers stay, no array is read, `problems()` tells the
    /// rest. For showing and checking; `predict` throws if there are problems.
    static Model describe(const std::filesystem::path& path, const LoadOptions& options = {});

    /// Everything wrong with the model; empty for one that came from `load`.
    const std::vector<Error>& problems() const;

    /// What was found for every weight, and the arrays that no weight wants; also of a model with problems. Nothing if
    /// its weights come from no file.
    const Alignment& alignment() const;

    /// What is wrong with the losses, metrics and the optimizer the model was compiled with. Keras would refuse to load
    /// it compiled; it runs all the same.
    std::vector<Error> training_problems() const;

    /// A custom-objects file to start from (docs/custom-objects.md): every class and function nobody knows, with the
    /// config keys and weights the model file has for it, and "TODO" for what it computes. Empty if none is missing.
    std::string missing_custom_objects() const;

    const std::string& name() const;

    /// In Keras' order; behind them `NAME/row_lengths` (batch,) for each input of ragged rows, which is given padded.
    std::vector<TensorInfo> inputs() const;
    std::vector<TensorInfo> outputs() const;

    /// Shape of the only input, batch first; Code::usage if there are several.
    Shape input_shape() const;
    Shape output_shape() const;

    /// Runs the model on one tensor per input, in model order, batch first. Numbers of another dtype are converted.
    /// Wrong count, rank or size: Code::input.
    Tensors predict(const Tensors& inputs) const;

    /// A runner of one's own for a thread that predicts often. A pass that does not exist: Code::usage.
    Context context(const RunOptions& options = {}) const;

    /// What every layer that computes takes of a run on inputs of these shapes, in the order of execution.
    std::vector<LayerCost> costs(const std::vector<Shape>& inputs) const;

    /// Every weight in Keras' `model.weights` order: layer by layer, trainable ones before the others.
    std::vector<NamedTensor> get_weights() const;

    /// A model with these weights instead, in the same order; dtypes are converted. Wrong count or shape:
    /// Code::weights.
    [[nodiscard]] Model set_weights(const Tensors& weights) const;

    /// Writes the model, whole or not at all, in the dialect of the Keras that wrote it unless told otherwise. The text
    /// of its config and the bits of its weights stay. As the kind of file it came from, with the weights it came with,
    /// everything in that file is kept: losses, metrics, optimizer, what Keras does not know. Else it is not compiled.
    /// What a kind of file cannot hold is Code::unsupported. A folder must be new or empty.
    void save(const std::filesystem::path& path, const SaveOptions& options = {}) const;

    /// The bytes of such a file. Of a kind that is a folder: Code::usage.
    std::string save_bytes(FileKind kind) const;

    /// The same model as Keras 2 or 3 (`keras`) would have written it: configs, calls and names of weights in its
    /// terms, the same numbers. What that Keras cannot say is Code::unsupported; what differs only where a number is
    /// next to nothing is added to `notes`.
    [[nodiscard]] Model translated(int keras, std::vector<std::string>* notes = nullptr) const;

    /// The same model with every Lambda layer replaced by the operations that its function calls, as Keras records them
    /// between layers: TFOpLambda in Keras 2, operations in Keras 3. A Sequential with one becomes a Functional. A Lambda
    /// that cannot be replaced is Code::unsupported, each with its reason.
    [[nodiscard]] Model with_lambdas_expanded() const;

    /// The file it came from says how the model was trained.
    bool is_compiled() const;

    /// The model's config as JSON text: byte for byte what was in the file.
    std::string get_config() const;

    /// Number of elements of all weights, a shared layer counted once.
    std::int64_t count_params() const;

    /// The text of Keras' `model.summary()`.
    std::string summary(const SummaryOptions& options = {}) const;

    /// The same facts as a JSON object.
    std::string summary_json() const;

private:
    friend class Sequential;
    friend class Functional;
    struct State;
    explicit Model(std::shared_ptr<const State> state);
    std::shared_ptr<const State> state_;
};

/// Builds a model as a plain stack, in the manner of keras.Sequential:
///
///     Sequential net("mlp");
///     net.input({784});
///     net.add("Dense", {{"units", 10}, {"activation", "softmax"}});
///     const Model model = net.build();
class Sequential {
public:
    explicit Sequential(std::string name = "sequential");

    /// The input shape without the batch axis; first of all calls.
    Sequential& input(const Shape& shape, DType dtype = DType::float32);

    /// Appends a layer of a Keras class; `config` holds its arguments under their Keras 3 names.
    Sequential& add(const std::string& class_name, const Config& config = {});

    /// The model, weights drawn from the layers' initializers unless `options` name a file. The same seed gives the
    /// same weights. Classes may be those of the custom objects and plug-ins of `options`.
    Model build(std::uint64_t seed = 0, const LoadOptions& options = {}) const;

private:
    std::string name_;
    Value::Array layers_;
};

/// Builds a model with any wiring, in the manner of keras.Model(inputs, outputs):
///
///     Functional net("add");
///     const auto a = net.input({8}), b = net.input({8});
///     const auto sum = net.call("Add", {}, {a, b});
///     const Model model = net.build({a, b}, {sum});
class Functional {
public:
    /// A tensor of the model under construction.
    struct Symbol {
        std::size_t layer = 0;
        std::size_t node = 0;
    };

    /// A layer that may be called several times, sharing its weights.
    struct SharedLayer {
        std::size_t layer = 0;
    };

    explicit Functional(std::string name = "functional");

    Symbol input(const Shape& shape, DType dtype = DType::float32, const std::string& name = "");
    SharedLayer layer(const std::string& class_name, const Config& config = {});
    Symbol call(SharedLayer layer, const std::vector<Symbol>& inputs);
    Symbol call(const std::string& class_name, const Config& config, const std::vector<Symbol>& inputs) {
        return call(layer(class_name, config), inputs);
    }

    /// As Sequential::build.
    Model build(const std::vector<Symbol>& inputs, const std::vector<Symbol>& outputs, std::uint64_t seed = 0,
                const LoadOptions& options = {}) const;

private:
    std::string name_;
    Value::Array layers_;
};

}  // namespace layerctl
