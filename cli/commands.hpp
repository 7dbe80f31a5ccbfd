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

struct Predict {
    std::string model;
    LoadOptions load;
    std::vector<std::string> inputs;        // files in model order, or one .npz; "-" is stdin
    std::vector<std::string> named_inputs;  // "NAME=FILE"
    std::vector<std::string> outputs;       // files in model order, or one .npz; "-" is stdout
    std::int64_t batch_size = 0;            // 0: everything at once
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
    bool show_alignment = false;   // print which arrays the weights get
    bool json = false;
};

struct Inspect {
    std::string file;
    std::string path;  // of one part; empty: all of them
    bool hash = false;
    bool json = false;
};

struct Validate {
    std::vector<std::string> files;
    ValidateOptions options;
    bool list_rules = false;
    bool sarif = false;
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

}  // namespace layerctl::cli
