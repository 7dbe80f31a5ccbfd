"""Functions of one number, operators between two, bits, comparisons and choices."""
import keras
import numpy as np
import tensorflow as tf

GROUP = "ops"
o = getattr(keras, "ops", None)

F, P, U, S = "f32[?3,4]", "f32[?3,4] positive", "f32[?3,4] unit", "f32[?3,4] special"
I, J, B = "i32[?3,4]", "i32[?3,4] 1..5", "bool[?3,4]"
SMALL = ["i8[2,3]", "u8[2,3]", "i16[2,3]", "i64[2,3]"]
FLOATS = [F, "f16[?3,4]", "bf16[?3,4]", "f64[?3,4]"]


def each(*names, of=None):
    """All functions of those names on every input."""
    return lambda *x: [getattr(of or o, name)(v) for name in names for v in x]


def pairs(*names, of=None):
    return lambda x, y: [getattr(of or o, name)(x, y) for name in names]


K3 = {
    "rounding": ([F, "f64[?3,4]", "i64[?3,4]"], each("floor", "ceil", "trunc", "sign", "absolute", "negative")),
    "rounding_half": (["f16[?3,4]", "bf16[?3,4]"], each("floor", "ceil", "trunc", "sign", "absolute")),
    "round_decimals": ([F, "i32[?3,4] -99..99"],
                       lambda x, i: [o.round(x), o.round(x * 10, 1), o.round(x * 100, -1), o.round(i), o.round(i, 1),
                                     o.round(i, -1)]),
    "absolute_of_others": (["bool[3]", "u8[3]", "i8[3]"], each("absolute", "abs")),
    "square_bool": (["bool[3]", "i8[3] -99..99"], each("square")),
    "trigonometry": ([U, "f64[?3,4] unit"],
                     each("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "arcsinh", "arctanh")),
    "trigonometry_of_integers": (["i32[3] -1..1", "i64[3] -1..1", "bool[3]", "u8[3] 0..1"],
                                 each("sin", "cos", "arctan", "sinh", "arcsin", "tanh", "arcsinh")),
    "arccosh": (["f32[?3,4] 1..5"], each("arccosh")),
    "logarithms": ([P, "f64[?3,4] positive", "i32[?3,4] 1..9", "i64[?3,4] 1..9"],
                   each("log", "log2", "log10", "log1p", "sqrt")),
    "powers": ([F, "f64[?3,4]", I, "i64[?3,4]", B], each("exp", "exp2", "expm1")),
    "roots": ([F, "f64[?3,4]", I, "i64[?3,4]", "u8[?3,4]"], each("cbrt", "deg2rad")),
    "half_functions": (["f16[?3,4] positive", "bf16[?3,4] positive"],
                       each("sqrt", "log", "exp", "sin", "log2", "cbrt", "deg2rad", "reciprocal")),
    "special_functions": ([U, "f64[?3,4] unit"], each("erf", "erfinv", "reciprocal")),
    "rsqrt": ([P], each("rsqrt")),
    "complex_parts": ([F, I], each("real", "imag", "conj", "angle")),
    "nan_to_num": ([S, "i32[3]"], lambda x, i: [o.nan_to_num(x), o.nan_to_num(x, nan=1.0, posinf=2.0, neginf=-3.0),
                                                o.nan_to_num(i)]),
    "nan_to_num_half": (["f16[5] special"], lambda x: [o.nan_to_num(x, posinf=2.0, neginf=-3.0)]),
    "predicates": ([S, "i32[?3,4]", "bool[?3,4]"], each("isnan", "isinf", "isfinite", "isposinf", "isneginf", "isreal",
                                                        "signbit")),
    "operators": ([F, F], pairs("add", "subtract", "multiply", "divide", "true_divide", "maximum", "minimum", "arctan2",
                                "hypot", "logaddexp", "logaddexp2", "heaviside", "divide_no_nan")),
    "operators_positive": ([P, F], pairs("power", "floor_divide", "mod")),
    "operators_of_integers": ([I, J], pairs("add", "subtract", "multiply", "divide", "maximum", "minimum", "arctan2",
                                            "hypot", "logaddexp", "heaviside", "floor_divide", "mod", "power", "gcd",
                                            "lcm", "divide_no_nan")),
    "operators_of_int64": (["i64[?3,4]", "i64[?3,4] 1..5"], pairs("add", "divide", "hypot", "logaddexp", "heaviside",
                                                                  "arctan2", "mod", "floor_divide")),
    "wraparound": (["i8[3] 90..120", "u8[3] 200..250"],
                   lambda i, u: [i + i, i * i, i - 3 * i, u + u, u * u, o.square(i), o.negative(i), u - 2 * u]),
    "power_of_unsigned": (["u8[3]", "u8[3]"], pairs("power")),
    "mod_of_bool": (["bool[3]"], lambda b: [o.mod(b, 2)]),
    "promotion": (["bool[2]", "u8[2]", "i8[2]", "u32[2]", "i64[2]", "f16[2]", "bf16[2]"],
                  lambda *x: [o.add(a, b) for k, a in enumerate(x) for b in x[k + 1:]]),
    "promotion_of_uint64": (["u64[2]", "i32[2]", "f32[2]"], lambda u, i, f: [o.add(u, i), o.add(u, f)]),
    "promotion_with_numbers": (["bool[2]", "u8[2]", "i64[2]", "f16[2]", "f64[2]"],
                               lambda *x: [y for a in x for y in (a + 2.5, a + 3, 2.5 * a, o.maximum(a, 1), a / 2)]),
    "promotion_with_made_tensors": (["i8[2]", "f16[2]", "f64[2]"],
                                    lambda *x: [y for a in x for y in (o.mod(a, 2.5), o.mod(a, 2), o.arctan2(a, 0.1),
                                                                       o.logaddexp(0.1, a))]),
    "promotion_with_arrays": (["i8[2]", "f16[2]", "f64[2]"],
                              lambda *x: [y for a in x for y in (o.add(a, np.array([1, 2], "int16")), o.equal(a, [0.1, 0.2]),
                                                                 o.add(a, np.array([1.5, 2.5], "float64")))]),
    "bias_of_constants": (["f32[2,4,4]", "f32[2,3,4]"],
                          lambda x, y: [o.add(x, np.arange(4.0).astype("float32")[:, None]),
                                        o.add(y, np.arange(3.0).astype("float32")[:, None]),
                                        o.add(x, np.arange(4.0).astype("float32"))]),
    "bitwise": ([I, I], pairs("bitwise_and", "bitwise_or", "bitwise_xor")),
    "bitwise_of_others": (["i8[3]", "u8[3]"], lambda i, u: [o.bitwise_and(i, u), o.bitwise_or(i, u), o.bitwise_not(i),
                                                            o.bitwise_invert(u), o.bitwise_xor(u, i)]),
    "shifts": ([I, "i32[?3,4] 0..4"], pairs("bitwise_left_shift", "bitwise_right_shift", "left_shift", "right_shift")),
    "shifts_by_numbers": (["i8[3] -99..99", "u8[3] 0..255"],
                          lambda i, u: [o.left_shift(i, 2), o.right_shift(i, 2), o.left_shift(u, 1), o.right_shift(u, 3)]),
    "comparisons": ([I, I], pairs("equal", "not_equal", "greater", "greater_equal", "less", "less_equal")),
    "comparisons_mixed": (["f16[4]", "i32[4]"], lambda f, i: [o.less(f, 0.1), o.greater(f, i), o.equal(i, 1.0),
                                                              o.not_equal(i, 2), o.less_equal(0.5, f)]),
    "logic": ([I, F], lambda i, f: [o.logical_and(i, f), o.logical_or(i, f > 0), o.logical_xor(i, f > 0),
                                    o.logical_not(i), o.logical_not(f > 0)]),
    "closeness": ([F, F], lambda x, y: [o.isclose(x, y), o.isclose(x, x + 1e-9), o.isclose(x, y, rtol=0.5, atol=0.1)]),
    "closeness_of_nan": ([S], lambda x: [o.isclose(x, x), o.isclose(x, x, equal_nan=True)]),
    "isin": ([I], lambda i: [o.isin(i, [1, 2]), o.isin(i, [1, 2], invert=True), o.isin(i, [0.0, 3.0])]),
    "where": ([B, F, I], lambda b, f, i: [o.where(b, f, 0.0), o.where(b, i, 0), o.where(b, i, 0.5), o.where(b, f, i),
                                          o.where(i, 1.0, f)]),
    "where_positions": (["f32[2,3] -1..1", "bool[4]"], lambda f, b: [*o.nonzero(f), *o.nonzero(b)]),
    "select": ([F, I], lambda f, i: [o.select([f > 0.5, i > 0], [f, f * 2], default=-1.0)]),
    "clip": ([F, I, B], lambda f, i, b: [o.clip(f, -0.5, 0.5), o.clip(i, -1, 2), o.clip(b, 0, 1), o.clip(f, -1, 1)]),
    "casts": ([F, I, B], lambda *x: [o.cast(v, d) for v in x for d in ("int8", "float16", "bool", "int64", "float64")]),
}

K2 = {
    "rounding": ([F, "f64[?3,4]"], each("floor", "ceil", "rint", "round", "sign", "abs", "negative", of=tf.math)),
    "rounding_of_integers": ([I], each("round", "sign", "abs", "negative", "square", of=tf.math)),
    "trigonometry": ([U], each("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "atanh",
                               of=tf.math)),
    "acosh": (["f32[?3,4] 1..5"], each("acosh", of=tf.math)),
    "logarithms": ([P], each("log", "log1p", "sqrt", "rsqrt", "exp", "expm1", "reciprocal", "reciprocal_no_nan",
                             of=tf.math)),
    "special_functions": ([U], each("erf", "erfc", "erfinv", "bessel_i0", "bessel_i1", "bessel_i0e", "bessel_i1e",
                                    of=tf.math)),
    "special_functions_positive": ([P], each("lgamma", "digamma", of=tf.math)),
    "quantiles_of_normal": (["f32[?3,4] positive"], lambda x: [tf.math.ndtri(x / 2.5), tf.math.erfcinv(x / 2)]),
    "half_functions": (["f16[?3,4] positive"], each("sqrt", "log", "exp", "sin", "floor", of=tf.math)),
    "complex_parts": ([F], each("real", "imag", "conj", "angle", of=tf.math)),
    "predicates": ([S], each("is_nan", "is_inf", "is_finite", of=tf.math)),
    "operators": ([F, F], pairs("add", "subtract", "multiply", "divide", "truediv", "maximum", "minimum", "atan2",
                                "floordiv", "floormod", "squared_difference", "divide_no_nan", "multiply_no_nan",
                                of=tf.math)),
    "operators_positive": ([P, P], pairs("pow", "xdivy", "xlogy", "xlog1py", "nextafter", of=tf.math)),
    "operators_of_integers": ([I, J], pairs("add", "subtract", "multiply", "divide", "maximum", "minimum", "floordiv",
                                            "floormod", "pow", of=tf.math)),
    "truncated_division": ([I, J], pairs("truncatediv", "truncatemod", of=tf)),
    "real_division": ([F, F], pairs("realdiv", of=tf)),
    "number_on_the_left": ([F, I], lambda f, i: [2.0 - f, 2.0 / f, 1.0 / (f * f + 1.0), 3 - i, 7 // (i * i + 1),
                                                 tf.math.pow(2.0, f), tf.math.atan2(1.0, f)]),
    "wraparound": (["i8[3] 90..120", "u8[3] 200..250"], lambda i, u: [i + i, i * i, u + u, u * u]),
    "division_of_small_integers": (["i8[3] 1..5", "i64[3] 1..5"], lambda i, j: [i / 2, j / 3]),
    "bitwise": ([I, I], pairs("bitwise_and", "bitwise_or", "bitwise_xor", of=tf.bitwise)),
    "invert": ([I, "u8[3]"], each("invert", of=tf.bitwise)),
    "shifts": ([I, "i32[?3,4] 0..4"], pairs("left_shift", "right_shift", of=tf.bitwise)),
    "comparisons": ([I, I], pairs("equal", "not_equal", "greater", "greater_equal", "less", "less_equal", of=tf.math)),
    "logic": ([B, B], pairs("logical_and", "logical_or", "logical_xor", of=tf.math)),
    "logical_not": ([B], each("logical_not", of=tf.math)),
    "where": ([B, F], lambda b, f: [tf.where(b, f, 0.0), tf.where(b, 1.0, f), tf.where(f > 0, f, f * 0.1)]),
    "where_positions": (["bool[2,3]"], lambda b: [tf.where(b)]),
    "clip": ([F, I], lambda f, i: [tf.clip_by_value(f, -0.5, 0.5), tf.clip_by_value(i, -1, 2)]),
    "casts": ([F, I, B], lambda *x: [tf.cast(v, d) for v in x for d in ("int8", "float16", "bool", "int64", "float64")]),
    "sums_of_lists": ([F, F, F], lambda x, y, z: [tf.add_n([x, y, z]), tf.math.add_n([x, x]), tf.math.accumulate_n([x, y])]),
}

K315 = {
    "newer_functions": ([F, "f64[?3,4]", I, "i64[?3,4]"], each("fabs", "sinc", "rad2deg", "i0")),
    "newer_operators": ([F, F], lambda x, y: [o.fmod(x, y), o.fmax(x, y), o.fmin(x, y)]),
    "newer_operators_of_nan": ([S, F], pairs("fmax", "fmin")),
    "ldexp": ([F, I], pairs("ldexp")),
    "erfc": ([F], each("erfc")),
    "fmod_of_integers": ([I, J], pairs("fmod")),
    "allclose": ([F], lambda x: [o.allclose(x, x + 1e-9), o.allclose(x, x + 1)]),
    "promotion": (["bool[2]", "u8[2]", "i8[2]", "u32[2]", "i64[2]", "f16[2]", "bf16[2]"],
                  lambda *x: [o.multiply(a, b) for k, a in enumerate(x) for b in x[k + 1:]]),
}
