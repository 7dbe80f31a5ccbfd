#include "api/plugins/border.hpp"

#include <algorithm>
#include <array>

namespace layerctl::plugins {
namespace {

struct CodeRow {
    int number;
    Code code;
};

constexpr CodeRow codes[] = {
    {LAYERCTL_BAD_CONFIG, Code::config}, {LAYERCTL_BAD_SHAPE, Code::shape},         {LAYERCTL_BAD_INPUT, Code::input},
    {LAYERCTL_FAILED, Code::internal},   {LAYERCTL_UNSUPPORTED, Code::unsupported},
};

Code code_of(int number) {
    for (const CodeRow& row : codes)
        if (row.number == number) return row.code;
    return Code::internal;
}

int number_of(Code code) {
    for (const CodeRow& row : codes)
        if (row.code == code) return row.number;
    return LAYERCTL_FAILED;
}

struct DTypeRow {
    std::int32_t number;
    DType dtype;
};

constexpr DTypeRow dtypes[] = {
    {LAYERCTL_FLOAT16, DType::float16}, {LAYERCTL_BFLOAT16, DType::bfloat16}, {LAYERCTL_FLOAT32, DType::float32},
    {LAYERCTL_FLOAT64, DType::float64}, {LAYERCTL_INT8, DType::int8},         {LAYERCTL_INT16, DType::int16},
    {LAYERCTL_INT32, DType::int32},     {LAYERCTL_INT64, DType::int64},       {LAYERCTL_UINT8, DType::uint8},
    {LAYERCTL_UINT16, DType::uint16},   {LAYERCTL_UINT32, DType::uint32},     {LAYERCTL_UINT64, DType::uint64},
    {LAYERCTL_BOOL, DType::boolean},
};

}  // namespace

void cross(const char* name, const std::function<int(layerctl_error*)>& callback) {
    std::array<char, 1024> text{};
    layerctl_error error{sizeof error, text.size(), text.data()};
    int number = LAYERCTL_OK;
    try {
        number = callback(&error);
    } catch (const std::exception& exception) {
        fail(Code::internal, "an exception left '", name, "' of the plug-in: ", exception.what());
    } catch (...) {
        fail(Code::internal, "an exception left '", name, "' of the plug-in");
    }
    text.back() = '\0';
    if (number == LAYERCTL_OK) return;
    if (text.front() == '\0') fail(code_of(number), "'", name, "' of the plug-in failed and does not say why");
    fail(code_of(number), text.data());
}

int answered(layerctl_error* error, const std::function<void()>& action) noexcept {
    const auto say = [&](Code code, std::string_view text) {
        if (error == nullptr || error->text == nullptr || error->capacity == 0) return number_of(code);
        const std::size_t length = std::min(text.size(), error->capacity - 1);
        std::memcpy(error->text, text.data(), length);
        error->text[length] = '\0';
        return number_of(code);
    };
    try {
        action();
        return LAYERCTL_OK;
    } catch (const Error& problem) {
        return say(problem.code(), problem.what());
    } catch (const std::exception& problem) {
        return say(Code::internal, problem.what());
    }
}

std::int32_t dtype_code(DType dtype) {
    for (const DTypeRow& row : dtypes)
        if (row.dtype == dtype) return row.number;
    fail(Code::unsupported, "tensors of ", dtype, " do not reach plug-ins");
}

std::optional<DType> dtype_from(std::int32_t code, std::optional<DType> same) {
    if (code == LAYERCTL_SAME) return same;
    for (const DTypeRow& row : dtypes)
        if (row.number == code) return row.dtype;
    fail(Code::config, "wanted a dtype, found the number ", code);
}

std::vector<layerctl_spec> specs_of(const Shapes& shapes, const DTypes& dtypes) {
    std::vector<layerctl_spec> specs;
    for (std::size_t i = 0; i < shapes.size(); ++i)
        specs.push_back({dtype_code(dtypes[i]), static_cast<std::uint32_t>(shapes[i].rank()), shapes[i].dims().data()});
    return specs;
}

layerctl_tensor tensor_of(const Tensor& tensor) {
    if (!tensor.has_value()) return {LAYERCTL_SAME, 0, nullptr, nullptr};
    return {dtype_code(tensor.dtype()), static_cast<std::uint32_t>(tensor.shape().rank()), tensor.shape().dims().data(),
            const_cast<std::byte*>(tensor.data())};
}

layerctl_tensor writable_tensor_of(Tensor& tensor) {
    layerctl_tensor out = tensor_of(tensor);
    out.data = tensor.mutable_data();
    return out;
}

}  // namespace layerctl::plugins
