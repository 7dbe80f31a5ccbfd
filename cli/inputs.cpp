#include "cli/inputs.hpp"

#include <algorithm>
#include <iostream>
#include <iterator>

#include "api/arrays.hpp"
#include "models/suggest.hpp"

namespace layerctl::cli {
namespace {

using Names = std::vector<std::string>;
using Arrays = std::vector<NamedTensor>;

template <class Named>
Names names_of(const std::vector<Named>& items) {
    Names names;
    for (const Named& item : items) names.push_back(item.name);
    return names;
}

std::string quoted(const Names& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
    return text;
}

Arrays read_arrays(const std::string& file) {
    if (file != "-") return load_arrays(std::filesystem::path(file));
    return in_context("standard input", [] {
        const std::string bytes{std::istreambuf_iterator<char>(std::cin), {}};
        return load_arrays(std::as_bytes(std::span(bytes)));
    });
}

Tensor only_array(const std::string& file) {
    Arrays arrays = read_arrays(file);
    if (arrays.size() != 1) fail(Code::input, file, ": wanted one array, found ", arrays.size());
    return std::move(arrays.front().tensor);
}

// "arr_0", "arr_1", …: the names numpy.savez gives to arrays without one.
Names numbered_names(std::size_t count) {
    Names names;
    for (std::size_t i = 0; i < count; ++i) names.push_back(cat("arr_", i));
    return names;
}

bool same_names(Names a, Names b) {
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    return a == b;
}

Tensors in_order_of(const Names& names, const Arrays& arrays) {
    Tensors tensors;
    for (const std::string& name : names)
        tensors.push_back(std::find_if(arrays.begin(), arrays.end(), [&](const NamedTensor& array) {
                              return array.name == name;
                          })->tensor);
    return tensors;
}

Tensors from_archive(const std::string& file, const Arrays& arrays, const Names& wanted) {
    for (const Names& names : {wanted, numbered_names(wanted.size())})
        if (same_names(names, names_of(arrays))) return in_order_of(names, arrays);
    fail(Code::input, file, ": wanted the arrays ", quoted(wanted), " or ", quoted(numbered_names(wanted.size())),
         ", found ", arrays.empty() ? "none" : quoted(names_of(arrays)));
}

Tensors positional(const std::vector<std::string>& files, const Names& wanted) {
    if (files.size() == 1) {
        Arrays arrays = read_arrays(files[0]);
        const bool is_npy = arrays.size() == 1 && arrays[0].name.empty();
        if (!is_npy) return from_archive(files[0], arrays, wanted);
        if (wanted.size() == 1) return {std::move(arrays[0].tensor)};
    }
    if (files.size() != wanted.size())
        fail(Code::usage, "wanted ", wanted.size(), " input file(s), for ", quoted(wanted), ", found ", files.size());
    Tensors tensors;
    for (const std::string& file : files) tensors.push_back(only_array(file));
    return tensors;
}

struct NamedFile {
    std::string name;
    std::string file;
};

NamedFile split_at_equals(const std::string& text) {
    const std::size_t at = text.find('=');
    if (at == std::string::npos || at + 1 == text.size())
        fail(Code::usage, "--input: wanted NAME=FILE, found '", text, "'");
    return {text.substr(0, at), text.substr(at + 1)};
}

Tensors named(const std::vector<std::string>& options, const Names& wanted) {
    Tensors tensors(wanted.size());
    for (const std::string& option : options) {
        const auto [name, file] = split_at_equals(option);
        const auto found = std::find(wanted.begin(), wanted.end(), name);
        if (found == wanted.end())
            fail(Code::usage, "--input: wanted one of ", quoted(wanted), ", found '", name, "'",
                 did_you_mean(name, wanted));
        Tensor& tensor = tensors[static_cast<std::size_t>(found - wanted.begin())];
        if (tensor.has_value()) fail(Code::usage, "--input: '", name, "' is given twice");
        tensor = only_array(file);
    }
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (!tensors[i].has_value()) fail(Code::usage, "--input: no file for input '", wanted[i], "'");
    return tensors;
}

}  // namespace

Tensors read_inputs(const InputFiles& files, const std::vector<TensorInfo>& inputs) {
    const Names wanted = names_of(inputs);
    if (files.named.empty()) return positional(files.in_order, wanted);
    if (!files.in_order.empty()) fail(Code::usage, "wanted input files in order or as --input NAME=FILE, found both");
    return named(files.named, wanted);
}

}  // namespace layerctl::cli
