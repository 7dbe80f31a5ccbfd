// What each command was asked to do, and the command. They print data to stdout and throw Error; main.cpp does the
// rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "api/layerctl.hpp"
#include "api/validate.hpp"
#include "models/dialect.hpp"

namespace layerctl::cli {

struct Summary {
    std::string model;
    LoadOptions load;
    SummaryOptions options;
    bool json = false;
};

struct InputFiles {
    std::vector<std::string> in_order;  // in model order, or one .npz; "-" is stdin
    std::vector<std::string> named;     // "NAME=FILE"
};

struct Predict {
    std::string model;
    LoadOptions load;
    InputFiles inputs;
    std::vector<std::string> outputs;  // files in model order, or one .npz; "-" is stdout
    std::int64_t batch_size = 0;       // 0: everything at once
    RunOptions options;
    bool json = false;
};

struct Check {
    std::vector<std::string> files;
    LoadOptions load;
    bool json = false;
};

struct Layers {
    std::vector<std::string> names;  // empty: list every class
    bool operations = false;         // list the operations instead
    Dialect dialect = Dialect::keras3;
    bool json = false;
};

struct Convert {
    std::string model;
    std::string output;
    LoadOptions load;
    std::optional<FileKind> kind;  // nothing: by the name of the output
    std::optional<int> keras;      // nothing: as the Keras that wrote the model
    std::optional<DType> dtype;    // nothing: weights as they are
    bool strip = false;            // not what training left
    bool expand_lambda = false;    // operations in place of Lambda layers
    bool show_alignment = false;   // print which arrays the weights get
    bool json = false;
};

struct Inspect {
    std::string file;
    std::string path;  // of one part; empty: all of them
    bool hash = false;
    bool lambdas = false;  // only the functions of Lambda layers
    bool json = false;
};

struct Validate {
    std::vector<std::string> files;
    ValidateOptions options;
    bool list_rules = false;
    bool sarif = false;
    bool json = false;
};

/// What to run a model on to see how long it takes.
struct Samples {
    std::vector<std::string> inputs;  // "FILE" in model order, or "NAME=FILE"; empty: numbers are drawn
    std::vector<std::string> shapes;  // "NAME=SIZES", or "SIZES" of an only input: without the batch axis
};

/// In seconds.
struct Timing {
    double warmup = 0.2;
    double seconds = 1;
    double max_seconds = 10;
};

struct Bench {
    std::string model;
    LoadOptions load;
    Samples samples;
    Timing timing;
    std::vector<std::int64_t> batches;  // empty: as the model or the arrays say, else 1
    std::vector<int> threads;           // empty: as many as there are physical cores
    std::vector<DType> precisions;      // empty: that of the options
    std::vector<std::string> outputs;   // files in model order, or one .npz
    RunOptions options;
    bool compare = false;               // hold the outputs against those of the reference
    bool cold = false;                  // load and run once
    bool json = false;
    bool csv = false;
};

struct Profile {
    std::string model;
    LoadOptions load;
    Samples samples;
    Timing timing;
    std::optional<std::int64_t> batch;  // nothing: as the model or the arrays say, else 1
    std::optional<int> threads;         // nothing: as many as there are physical cores
    bool by_time = false;               // the slowest layer first, not in the order of execution
    bool why = false;                   // reasons for kernels that were not chosen
    std::string trace;                  // a file for Perfetto; empty: none
    RunOptions options;
    bool json = false;
};

/// Each returns the exit code.
int run(const Summary& command);
int run(const Predict& command);
int run(const Check& command);
int run(const Convert& command);
int run(const Inspect& command);
int run(const Layers& command);
int run(const Validate& command);
int run(const Bench& command);
int run(const Profile& command);

}  // namespace layerctl::cli
