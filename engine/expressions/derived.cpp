#include "engine/expressions/derived.hpp"

#include <map>
#include <memory>

#include "engine/expressions/parameters.hpp"
#include "engine/expressions/parse.hpp"
#include "engine/expressions/program.hpp"

namespace layerctl::expressions {
namespace {

struct Derived {
    std::string_view function;
    std::string_view parameters;  // as for other functions; the body reads them
    std::string_view body;
};

struct Row {
    Library library;
    Derived derived;
};

constexpr Row rows[] = {
    {Library::backend, {"flatten", "x", "tf.reshape(x, [-1])"}},
    {Library::backend,
     {"hard_sigmoid", "x", "tf.clip_by_value(0.2 * x + 0.5, 0.0, 1.0)"}},  // Keras 2's, whoever wrote the file
    {Library::backend, {"in_train_phase", "x alt !training=null", "alt"}},
    {Library::backend, {"repeat", "x n", "tf.tile(tf.expand_dims(x, 1), [1, n, 1])"}},
    {Library::backend,
     {"resize_images", "x height_factor width_factor !data_format=channels_last interpolation=nearest",
      "tf.image.resize(x, [x.shape[1] * height_factor, x.shape[2] * width_factor], method=interpolation)"}},
    {Library::backend,
     {"spatial_2d_padding", "x padding=null !data_format=channels_last",
      "tf.pad(x, [[0, 0], [1, 1], [1, 1], [0, 0]] if padding is None else [[0, 0], padding[0], padding[1], [0, "
      "0]])"}},
    {Library::backend, {"sqrt", "x", "tf.sqrt(tf.maximum(x, 0.0))"}},
    {Library::backend, {"temporal_padding", "x padding=[1,1]", "tf.pad(x, [[0, 0], padding, [0, 0]])"}},
    {Library::tf, {"to_double", "x ~name=null", "tf.cast(x, 'float64')"}},
    {Library::tf, {"to_float", "x ~name=null", "tf.cast(x, 'float32')"}},
    {Library::tf, {"to_int32", "x ~name=null", "tf.cast(x, 'int32')"}},
    {Library::tf, {"to_int64", "x ~name=null", "tf.cast(x, 'int64')"}},
};

/// Under the first name that the ops table has for them.
constexpr Derived spelled_out[] = {
    {"math.l2_normalize", "x axis|dim=null epsilon=1e-12",
     "x * tf.math.rsqrt(tf.maximum(tf.reduce_sum(tf.square(x), axis, True), epsilon))"},
    {"ReLU", "x negative_slope=0.0 max_value=null !threshold=0.0",
     "(tf.nn.relu(x) if negative_slope == 0 else tf.nn.leaky_relu(x, negative_slope)) if max_value is None else "
     "tf.minimum(tf.nn.relu(x) if negative_slope == 0 else tf.nn.leaky_relu(x, negative_slope), max_value)"},
};

Function made(const Derived& row) {
    const std::vector<Renamed> parameters = renamed(row.parameters);
    Names names;
    names.owner = "function";
    for (const Renamed& parameter : parameters)
        if (!parameter.parameter.fixed && !parameter.parameter.ignored) names.variables.push_back(parameter.target);
    names.operators = Dialect::keras2;
    const Body body = {{.place = std::string(row.function), .targets = {}, .value = parse_expression(row.body)}};
    const auto function = std::make_shared<const UserFunction>(
        names.variables, std::vector<std::pair<std::string, Value>>{}, Program(body, names));
    return [parameters, function](CallItems items, const Frame& frame) {
        return function->call(under_table_names(parameters, std::move(items)), frame);
    };
}

}  // namespace

Function find_derived(Library library, const std::string& function) {
    for (const Row& row : rows)
        if (row.library == library && row.derived.function == function) return made(row.derived);
    return {};
}

Function find_spelled_out(const ops::Op& op) {
    const std::string_view name = op.tf.empty() ? op.keras3.front() : op.tf.front();
    for (const Derived& row : spelled_out)
        if (row.function == name) return made(row);
    return {};
}

}  // namespace layerctl::expressions
