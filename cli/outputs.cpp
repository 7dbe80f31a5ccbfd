#include "cli/outputs.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "api/arrays.hpp"
#include "api/write_file.hpp"

namespace layerctl::cli {
namespace {

constexpr const char* standard_output = "-";

bool is_archive(const std::vector<std::string>& files) { return files.size() == 1 && files[0].ends_with(".npz"); }

void check_name(const std::string& file) {
    if (file == standard_output && isatty(STDOUT_FILENO) != 0)
        fail(Code::usage, "-o -: wanted a pipe or a file as standard output, found a terminal");
    if (file != standard_output && !file.ends_with(".npy"))
        fail(Code::usage, "-o: wanted a name ending in .npy or .npz, found '", file, "'");
}

// Keras may give two outputs the same name; members of an archive need their own.
std::vector<NamedTensor> with_unique_names(std::vector<NamedTensor> outputs) {
    for (auto output = outputs.begin(); output != outputs.end(); ++output) {
        const std::string name = output->name;
        const auto taken = [&](const NamedTensor& other) { return other.name == output->name; };
        for (int n = 1; std::any_of(outputs.begin(), output, taken); ++n) output->name = cat(name, '_', n);
    }
    return outputs;
}

void write(const std::string& file, const std::string& bytes) {
    if (file == standard_output) std::cout << bytes << std::flush;
    else write_result(file, bytes);
}

}  // namespace

void check_output_files(const std::vector<std::string>& files, std::size_t outputs, bool stdout_is_taken) {
    if (files.empty() || is_archive(files)) return;
    std::for_each(files.begin(), files.end(), check_name);
    if (files.size() != outputs)
        fail(Code::usage, "-o: wanted ", outputs, " .npy file(s), one per output, or one .npz, found ", files.size());
    const auto to_stdout = std::count(files.begin(), files.end(), standard_output) + (stdout_is_taken ? 1 : 0);
    if (to_stdout > 1) fail(Code::usage, "standard output can take one thing only");
}

void write_outputs(const std::vector<std::string>& files, const std::vector<NamedTensor>& outputs) {
    if (is_archive(files)) return write(files[0], npz_bytes(with_unique_names(outputs)));
    for (std::size_t i = 0; i < files.size(); ++i) write(files[i], npy_bytes(outputs[i].tensor));
}

std::vector<NamedTensor> named_outputs(const Model& model, Tensors tensors) {
    const std::vector<TensorInfo> infos = model.outputs();
    std::vector<NamedTensor> outputs;
    for (std::size_t i = 0; i < tensors.size(); ++i) outputs.push_back({infos[i].name, std::move(tensors[i])});
    return outputs;
}

}  // namespace layerctl::cli
