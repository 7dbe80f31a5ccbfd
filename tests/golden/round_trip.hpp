// A model written as every kind of file and read again: the same config text, the same bits.
#pragma once

#include <string>
#include <vector>

#include "api/layerctl.hpp"
#include "tests/golden/case.hpp"

namespace layerctl::golden {

enum class Outcome {
    same,       // what came back is the model
    refused,    // a file or the other Keras cannot hold it, and layerctl said why
    different,  // anything else
};

const char* outcome_name(Outcome outcome);

struct RoundTrip {
    std::string way;  // the files, "json + npz"; ", translated" where the other Keras' files lie on the way
    Outcome outcome = Outcome::same;
    std::string reason;  // empty if the same
};

enum class Extent {
    tests,  // what every golden test tries
    all,
};

/// Takes the model of a case through files in its own dialect, and through those of the other Keras and back. Both ways
/// the outputs are the same to the bit and the text of a written config is the one that is read; TensorFlow.js has
/// configs of its own.
std::vector<RoundTrip> round_trips(const Case& c, const Model& model, Extent extent);

}  // namespace layerctl::golden
