// The command line: words into requests, errors into lines and exit codes. The only file with CLI11.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <new>

#include "cli/commands.hpp"
#include "cli/precision.hpp"
#include "cli/report.hpp"
#include "models/suggest.hpp"

namespace layerctl::cli {
namespace {

constexpr const char* exit_codes =
    "Exit codes: 0 ok, 1 a difference, 2 usage, 3 unreadable or damaged file, 4 unsupported layer or feature,\n"
    "5 refused by a limit, 6 failure while running.";

constexpr const char* overview =
    "Examples:\n"
    "  layerctl summary model.h5\n"
    "  layerctl predict model.h5 images.npy -o classes.npy\n"
    "  layerctl check *.h5\n"
    "  layerctl inspect model.h5\n"
    "  layerctl layers Conv2D\n"
    "  layerctl bench model.h5\n\n";

constexpr const char* summary_examples =
    "Examples:\n"
    "  layerctl summary model.h5 --expand-nested\n"
    "  layerctl summary architecture.json --style keras3 --width 120\n"
    "  layerctl summary model.h5 --json | jq .total_params";

constexpr const char* predict_examples =
    "Examples:\n"
    "  layerctl predict model.h5 images.npy                  a short preview, top 5 of probabilities\n"
    "  layerctl predict model.h5 images.npy -o classes.npy --batch-size 32\n"
    "  layerctl predict model.h5 --input left=a.npy --input right=b.npy -o all.npz\n"
    "  cat images.npy | layerctl predict model.h5 - -o - > classes.npy";

constexpr const char* check_examples =
    "Examples:\n"
    "  layerctl check model.h5\n"
    "  layerctl check --json *.h5";

constexpr const char* layers_examples =
    "Examples:\n"
    "  layerctl layers                        every class, one per line\n"
    "  layerctl layers Conv2D LSTM            their arguments, with defaults\n"
    "  layerctl layers --operations           functions of keras.ops and TensorFlow that models may hold\n"
    "  layerctl layers Dense --json | jq '.[0].config[].name'";

constexpr const char* convert_examples =
    "Examples:\n"
    "  layerctl convert model.keras model.h5\n"
    "  layerctl convert architecture.json model.keras --weights trained.weights.h5\n"
    "  layerctl convert new_head.json tuned.h5 --weights base.h5 --by-name --skip-mismatch --show-alignment\n"
    "  layerctl convert model.h5 weights.safetensors\n"
    "  layerctl convert model.h5 model.onnx\n"
    "  layerctl convert keras2.h5 keras3.keras --keras 3\n"
    "  layerctl convert lambda.h5 safe.keras --keras 3 --expand-lambda\n"
    "  layerctl convert trained.keras published.keras --strip\n"
    "  layerctl convert model.keras half.keras --dtype float16   half the size, computed as before";

constexpr const char* inspect_examples =
    "Examples:\n"
    "  layerctl inspect model.h5\n"
    "  layerctl inspect model.h5 /model_weights/dense/dense/kernel:0\n"
    "  layerctl inspect model.h5 /@model_config | jq .\n"
    "  layerctl inspect --lambda model.h5\n"
    "  layerctl inspect --hash --json model.keras | jq -r '.parts[] | select(.sha256) | .sha256 + \" \" + .path'";

constexpr const char* validate_examples =
    "Examples:\n"
    "  layerctl validate downloaded.keras\n"
    "  layerctl validate --ignore LC014 --json *.h5\n"
    "  layerctl validate --sarif models/*.keras > findings.sarif\n"
    "  layerctl validate --rules               what is checked, and why\n"
    "Exits with 1 on findings; a note is none.";

constexpr const char* bench_examples =
    "Examples:\n"
    "  layerctl bench model.h5                                on numbers drawn in the shapes of the inputs\n"
    "  layerctl bench model.h5 --batch 1,8 --threads 1,2      a row for each combination\n"
    "  layerctl bench detector.h5 --shape 640,640,3 --csv     where the model leaves sizes open\n"
    "  layerctl bench model.h5 --input images.npy --output classes.npy --json | jq .median_ms\n"
    "  layerctl bench model.h5 --cold                         load and run once";

constexpr const char* profile_examples =
    "Examples:\n"
    "  layerctl profile model.h5                              every layer, in the order of execution\n"
    "  layerctl profile model.h5 --by-time --batch 8 | head   the slowest layers\n"
    "  layerctl profile model.h5 --why                        which layers the fast engine leaves to themselves\n"
    "  layerctl profile model.h5 --trace run.json             open it at ui.perfetto.dev\n"
    "  layerctl profile model.h5 --json | jq '.layers[] | select(.share > 0.1) | .layer'";

using Action = std::function<int()>;

// What the words asked for.
struct Request {
    Summary summary;
    std::string style;
    Predict predict;
    Check check;
    Layers layers;
    int keras = 3;
    Convert convert;
    Inspect inspect;
    Validate validate;
    Bench bench;
    Profile profile;
    std::string kind;
    std::string dtype;
    Action action;
    bool json = false;
};

/// The action of a command that takes its words as they are.
template <class Command>
void runs(CLI::App& app, Request& request, Command& command) {
    app.callback([&request, &command] {
        request.action = [&request, &command] {
            command.json = request.json;
            return run(command);
        };
    });
}

void add_graft_options(CLI::App& app, CLI::Option& weights, Graft& graft) {
    const auto pair = [&graft](WeightPairing pairing) {
        return [&graft, pairing](std::int64_t) { graft.pairing = pairing; };
    };
    CLI::Option* by_name = app.add_flag_function(
        "--by-name", pair(WeightPairing::by_name),
        "Legacy h5: give --weights to layers of the same name; others keep their own, or what initializers draw");
    app.add_flag_function("--by-position", pair(WeightPairing::by_position),
                          "Legacy h5: give --weights to layers in their order, which is the default")
        ->needs(&weights)
        ->excludes(by_name);
    by_name->needs(&weights);
    app.add_flag("--skip-mismatch", graft.skip_mismatch, "Weights whose array has another shape keep what they have")
        ->needs(&weights);
}

void add_load_options(CLI::App& app, LoadOptions& load) {
    CLI::Option* weights = app.add_option(
        "--weights", load.weights, "Weights from this .h5, .keras, .npz or .safetensors instead of the model file");
    weights->type_name("FILE");
    add_graft_options(app, *weights, load.graft);
    app.add_option("--custom-objects", load.custom_objects, "A .json that says what the author's own classes compute")
        ->type_name("FILE");
    app.add_option("--plugin", load.plugins, "A library that brings the author's own classes as code; repeatable")
        ->type_name("LIB")
        ->expected(1)
        ->take_all();
    app.add_option("--max-memory", load.max_memory,
                   "Refuse a file that needs more for weights and JSON; default: 4 times its size, at least 2GiB")
        ->transform(CLI::AsSizeValue(false))
        ->type_name("SIZE");
}

void add_json(CLI::App& app, bool& json) { app.add_flag("--json", json, "Print JSON; errors too, on stderr"); }

SummaryOptions::Style style_of(const std::string& name) {
    if (name.empty()) return SummaryOptions::Style::of_the_file;
    return name == "keras2" ? SummaryOptions::Style::keras2 : SummaryOptions::Style::keras3;
}

void add_summary(CLI::App& parent, Request& request) {
    CLI::App& app = *parent.add_subcommand("summary", "Print the table of Keras' model.summary()");
    Summary& command = request.summary;
    app.footer(summary_examples);
    app.add_option("MODEL", command.model, "A .keras, .h5 or .json file")->required();
    app.add_option("--style", request.style, "keras2 or keras3; default: the version that wrote the file")
        ->check(CLI::IsMember({"keras2", "keras3"}))
        ->type_name("STYLE");
    app.add_option("--width", command.options.width, "Characters per line")
        ->check(CLI::Range(20, 10000))
        ->type_name("N");
    app.add_flag("--expand-nested", command.options.expand_nested, "Show the layers of nested models");
    app.add_flag("--show-trainable", command.options.show_trainable, "Show which layers are trainable");
    add_load_options(app, command.load);
    add_json(app, request.json);
    app.callback([&request] {
        request.action = [&request] {
            request.summary.json = request.json;
            request.summary.options.style = style_of(request.style);
            return run(request.summary);
        };
    });
}

void add_run_options(CLI::App& app, RunOptions& options) {
    CLI::Option* reference =
        app.add_flag("--reference", options.reference, "Compute every layer by itself, by the plainest code");
    app.add_flag("--exact", options.exact, "No Winograd and no folded weights, which round otherwise than Keras' sums")
        ->excludes(reference);
    app.add_option("--no-pass", options.without_passes, "Leave out a pass of the fast engine; repeatable")
        ->type_name("NAME")
        ->expected(1)
        ->take_all()
        ->excludes(reference);
}

CLI::Option* add_precision(CLI::App& app, std::function<void(const std::vector<std::string>&)> set) {
    const char* text = "Round the weights of dense and recurrent layers: bf16, or int8w with a factor per column";
    return app.add_option_function<std::vector<std::string>>("--precision", std::move(set), text)
        ->check(CLI::IsMember(precisions()))
        ->type_name("f32|bf16|int8w")
        ->delimiter(',')
        ->allow_extra_args(false);
}

void add_precision(CLI::App& app, RunOptions& options) {
    add_precision(app, [&options](const auto& names) {
        options.precision = precisions().at(names.front());
    })->expected(1);
}

void add_predict(CLI::App& parent, Request& request) {
    CLI::App& app = *parent.add_subcommand("predict", "Run a model on .npy or .npz arrays");
    Predict& command = request.predict;
    app.footer(predict_examples);
    app.add_option("MODEL", command.model, "A .keras, .h5 or .json file")->required();
    app.add_option("INPUT", command.inputs.in_order, "Arrays in model order, or one .npz; - is standard input");
    app.add_option("--input", command.inputs.named, "The array of one input, by its name; repeatable")
        ->type_name("NAME=FILE")
        ->expected(1)
        ->take_all();
    app.add_option("-o,--output", command.outputs, "Write .npy, one -o per output, or one .npz; - is standard output")
        ->type_name("FILE")
        ->expected(1)
        ->take_all();
    app.add_option("--batch-size", command.batch_size, "Run this many rows at a time; default: all at once")
        ->check(CLI::PositiveNumber)
        ->type_name("N");
    add_run_options(app, command.options);
    add_precision(app, command.options);
    add_load_options(app, command.load);
    add_json(app, request.json);
    runs(app, request, command);
}

void add_check(CLI::App& parent, Request& request) {
    CLI::App& app = *parent.add_subcommand("check", "Print every problem of model files");
    Check& command = request.check;
    app.footer(check_examples);
    app.add_option("FILE", command.files, ".keras, .h5 or .json files")->required();
    add_load_options(app, command.load);
    add_json(app, request.json);
    runs(app, request, command);
}

void add_layers(CLI::App& parent, Request& request) {
    CLI::App& app = *parent.add_subcommand("layers", "List the layers that can be run, and what they take");
    Layers& command = request.layers;
    app.footer(layers_examples);
    app.add_option("CLASS", command.names, "Layer classes to explain");
    app.add_flag("--operations", command.operations, "List the operations instead");
    app.add_option("--keras", request.keras, "The version whose defaults to show: 2 or 3; default: 3")
        ->check(CLI::Range(2, 3))
        ->type_name("N");
    add_json(app, request.json);
    app.callback([&request] {
        request.action = [&request] {
            request.layers.json = request.json;
            request.layers.dialect = request.keras == 2 ? Dialect::keras2 : Dialect::keras3;
            return run(request.layers);
        };
    });
}

const std::map<std::string, FileKind>& kinds() {
    static const std::map<std::string, FileKind> names = {{"keras", FileKind::keras_archive},
                                                          {"h5", FileKind::h5},
                                                          {"weights.h5", FileKind::object_weights},
                                                          {"legacy-weights", FileKind::legacy_weights},
                                                          {"json", FileKind::json},
                                                          {"npz", FileKind::npz},
                                                          {"safetensors", FileKind::safetensors},
                                                          {"onnx", FileKind::onnx},
                                                          {"tfjs", FileKind::tfjs}};
    return names;
}

void add_convert(CLI::App& parent, Request& request) {
    CLI::App& app = *parent.add_subcommand("convert", "Write a model as another kind of file, or for another Keras");
    Convert& command = request.convert;
    app.footer(convert_examples);
    app.add_option("MODEL", command.model, "A .keras, .h5 or .json file")->required();
    app.add_option("OUTPUT", command.output, "A .keras, .h5, .weights.h5, .json, .npz, .safetensors or .onnx file")
        ->required();
    app.add_option("--to", request.kind,
                   "Instead of what the name ends in: keras, h5, weights.h5, legacy-weights, json, npz, safetensors, "
                   "onnx, tfjs (a folder)")
        ->check(CLI::IsMember(kinds()))
        ->type_name("KIND");
    app.add_option("--keras", command.keras, "Translate for Keras 2 or 3; default: the one that wrote the model")
        ->check(CLI::IsMember({2, 3}))
        ->type_name("2|3");
    app.add_option("--dtype", request.dtype,
                   "Store floating weights as float16, bfloat16, float32 or float64; the config stays")
        ->check(CLI::IsMember({"float16", "bfloat16", "float32", "float64"}))
        ->type_name("DTYPE");
    app.add_flag("--strip", command.strip, "Without losses, metrics and the optimizer's state");
    app.add_flag("--expand-lambda", command.expand_lambda,
                 "Replace Lambda layers by the operations that they call, so that Keras 3 loads the file in safe mode");
    app.add_flag("--show-alignment", command.show_alignment,
                 "Print every weight with the array it gets, also where they do not fit");
    add_load_options(app, command.load);
    add_json(app, request.json);
    app.callback([&request] {
        request.action = [&request] {
            request.convert.json = request.json;
            if (!request.kind.empty()) request.convert.kind = kinds().at(request.kind);
            if (!request.dtype.empty()) request.convert.dtype = parse_dtype(request.dtype);
            return run(request.convert);
        };
    });
}

void add_inspect(CLI::App& parent, Request& request) {
    CLI::App& app = *parent.add_subcommand("inspect", "List what is in a file: groups, arrays, attributes, sizes");
    Inspect& command = request.inspect;
    app.footer(inspect_examples);
    app.add_option("FILE", command.file, "A .keras, .h5, .weights.h5, .json, .npz or .npy file, or a folder")
        ->required();
    app.add_option("PATH", command.path, "Of a group, an array, an attribute or a member: show it");
    app.add_flag("--hash", command.hash, "Add the SHA-256 of every array's elements");
    app.add_flag("--lambda", command.lambdas, "Show the Python functions of Lambda layers, which are never run");
    add_json(app, request.json);
    runs(app, request, command);
}

void add_validate(CLI::App& parent, Request& request) {
    CLI::App& app =
        *parent.add_subcommand("validate", "Check files of unknown origin against the rules LC001 to LC014");
    Validate& command = request.validate;
    app.footer(validate_examples);
    app.add_option("FILE", command.files, ".keras, .h5, .weights.h5, .json, .npz or .npy files, or folders");
    app.add_option("--rule", command.options.only, "Check this rule; repeatable; default: all")
        ->type_name("ID")
        ->allow_extra_args(false);
    app.add_option("--ignore", command.options.ignore, "Leave this rule out; repeatable")
        ->type_name("ID")
        ->allow_extra_args(false);
    app.add_flag("--rules", command.list_rules, "Print the rules instead");
    CLI::Option* json = app.add_flag("--json", request.json, "Print JSON; errors too, on stderr");
    app.add_flag("--sarif", command.sarif, "Print SARIF 2.1.0, for code scanners")->excludes(json);
    runs(app, request, command);
}

void add_sample_options(CLI::App& app, Samples& samples) {
    CLI::Option* input =
        app.add_option("--input", samples.inputs, "An array, in model order or by the input's name; repeatable")
            ->type_name("[NAME=]FILE")
            ->expected(1)
            ->take_all();
    app.add_option("--shape", samples.shapes, "Sizes of an input behind the batch axis, for drawn numbers; repeatable")
        ->type_name("[NAME=]SIZES")
        ->expected(1)
        ->take_all()
        ->excludes(input);
}

void add_timing_options(CLI::App& app, Timing& timing) {
    const auto add = [&app](const char* name, double& seconds, const char* help) {
        app.add_option(name, seconds, help)->check(CLI::NonNegativeNumber)->type_name("S")->capture_default_str();
    };
    add("--seconds", timing.seconds, "Measure for so long, and five runs at least");
    add("--max-seconds", timing.max_seconds, "Stop measuring then, were it after one run");
    add("--warmup", timing.warmup, "Run for so long before, and twice at least");
}

void add_bench(CLI::App& parent, Request& request) {
    CLI::App& app = *parent.add_subcommand("bench", "Measure how long a model takes to load and to run");
    Bench& command = request.bench;
    app.footer(bench_examples);
    app.add_option("MODEL", command.model, "A .keras, .h5 or .json file")->required();
    add_sample_options(app, command.samples);
    app.add_option("--batch", command.batches, "Rows of drawn inputs, several divided by commas; default: 1")
        ->check(CLI::PositiveNumber)
        ->type_name("N,...")
        ->delimiter(',')
        ->allow_extra_args(false);
    app.add_option("--threads", command.threads, "Threads, several divided by commas; default: the physical cores")
        ->check(CLI::PositiveNumber)
        ->type_name("N,...")
        ->delimiter(',')
        ->allow_extra_args(false);
    add_timing_options(app, command.timing);
    add_run_options(app, command.options);
    add_precision(app, [&command](const auto& names) {
        for (const std::string& name : names) command.precisions.push_back(precisions().at(name));
    })->expected(-1);
    app.add_flag("--compare", command.compare, "Show how far the outputs are from those of --reference");
    app.add_flag("--cold", command.cold, "Load and run once");
    app.add_option("-o,--output", command.outputs, "Write .npy, one -o per output, or one .npz")
        ->type_name("FILE")
        ->expected(1)
        ->take_all();
    add_load_options(app, command.load);
    CLI::Option* json = app.add_flag("--json", request.json, "Print a line of JSON per row; errors too, on stderr");
    app.add_flag("--csv", command.csv, "Print comma-separated values")->excludes(json);
    runs(app, request, command);
}

void add_profile(CLI::App& parent, Request& request) {
    CLI::App& app = *parent.add_subcommand("profile", "Show where the time of a run goes, layer by layer");
    Profile& command = request.profile;
    app.footer(profile_examples);
    app.add_option("MODEL", command.model, "A .keras, .h5 or .json file")->required();
    add_sample_options(app, command.samples);
    app.add_option("--batch", command.batch, "Rows of drawn inputs; default: 1")
        ->check(CLI::PositiveNumber)
        ->type_name("N");
    app.add_option("--threads", command.threads, "Threads; default: the physical cores")
        ->check(CLI::PositiveNumber)
        ->type_name("N");
    add_timing_options(app, command.timing);
    add_run_options(app, command.options);
    add_precision(app, command.options);
    app.add_flag("--by-time", command.by_time, "The slowest layer first; default: in the order of execution");
    app.add_flag("--why", command.why, "Say below the table why no kernel, or no faster one, takes a layer");
    app.add_option("--trace", command.trace, "Write the run in Chrome's trace format, for Perfetto")->type_name("FILE");
    add_load_options(app, command.load);
    add_json(app, request.json);
    runs(app, request, command);
}

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
    return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::Option* option : app.get_options())
        for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    return names;
}

// What CLI11 only says was "not expected", with the nearest name that was.
[[noreturn]] void fail_unexpected(const CLI::App& app) {
    const auto commands = app.get_subcommands();
    if (commands.empty()) {
        const std::string word = app.remaining().empty() ? "" : app.remaining().front();
        const auto& known = word.starts_with("-") ? option_names(app) : command_names(app);
        fail(Code::usage, "unknown ", word.starts_with("-") ? "option '" : "command '", word, "'",
             did_you_mean(word, known), "; try `layerctl --help`");
    }
    const CLI::App& command = *commands.front();
    const auto left = command.remaining();
    const std::string word = left.empty() ? app.remaining(true).front() : left.front();
    fail(Code::usage, "unexpected '", word, "'", did_you_mean(word, option_names(command)), "; try `layerctl ",
         command.get_name(), " --help`");
}

void parse(CLI::App& app, int argc, char** argv) {
    try {
        app.parse(argc, argv);
    } catch (const CLI::ExtrasError&) {
        fail_unexpected(app);
    } catch (const CLI::Success&) {
        throw;
    } catch (const CLI::ParseError& error) {
        fail(Code::usage, error.what(), "; try `layerctl --help`");
    }
}

// --json anywhere: the words may be too wrong to be parsed, and the error must be JSON all the same.
bool wants_json(int argc, char** argv) {
    return std::any_of(argv, argv + argc, [](const char* word) { return std::string_view(word) == "--json"; });
}

int run(int argc, char** argv) {
    CLI::App app("layerctl " LAYERCTL_VERSION ": loads, explains and runs Keras models, without Python");
    app.name("layerctl");
    app.footer(std::string(overview) + exit_codes);
    app.set_version_flag("--version", "layerctl " LAYERCTL_VERSION);
    app.require_subcommand(0, 1);
    Request request;
    add_summary(app, request);
    add_predict(app, request);
    add_check(app, request);
    add_inspect(app, request);
    add_validate(app, request);
    add_convert(app, request);
    add_layers(app, request);
    add_bench(app, request);
    add_profile(app, request);
    try {
        parse(app, argc, argv);
    } catch (const CLI::Success& help) {
        return app.exit(help);
    }
    if (!request.action) fail(Code::usage, "wanted a command; try `layerctl --help`");
    const int code = request.action();
    if (!std::cout.flush()) fail(Code::io, "standard output: cannot be written");
    return code;
}

int run_and_report(int argc, char** argv) {
    const bool json = wants_json(argc, argv);
    try {
        return run(argc, argv);
    } catch (const Error& error) {
        return report(error, json);
    } catch (const std::bad_alloc&) {
        return report(Error(Code::refused, "not enough memory; a smaller --batch-size needs less"), json);
    } catch (const std::exception& error) {
        return report(Error(Code::internal, error.what()), json);
    }
}

}  // namespace
}  // namespace layerctl::cli

int main(int argc, char** argv) { return layerctl::cli::run_and_report(argc, argv); }
