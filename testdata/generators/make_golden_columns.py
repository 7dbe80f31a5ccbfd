#!/usr/bin/env python3
"""Write the group `columns`: feature columns on what the group `feature_columns` lacks: weights, crosses of columns with
plain features, crosses in crosses, several numbers per bucketized column, inputs of rank 1 and 3, small integers.

    python make_golden_columns.py OUT_DIR        (Keras 2.15 only)
"""
import sys

import numpy as np
import tensorflow as tf
from fixture_common import Corpus, L, inp, keras

F = tf.feature_column


def numbers(*rows, dtype="float32"):
    return np.array(rows, dtype)


def texts(*rows):
    return np.array(rows, "S")


def vocabulary(key="tags", **kw):
    return F.categorical_column_with_vocabulary_list(key, ["a", "b", "c", "d"], **kw)


def ages(width=1, key="age"):
    return F.bucketized_column(F.numeric_column(key, shape=(width,)), [20, 30, 40])


TAGS = texts(["a", "c", "d"], ["b", "", ""], ["d", "d", "x"], ["", "", ""])
WEIGHTS = numbers([0.5, 2, -1], [3, 0, 0], [0.25, 1, 4], [0, 0, 0])
AGES = numbers([20, 45], [19.999, 30], [np.nan, 1e9], [39, 40])


def weighted(**kw):
    return F.weighted_categorical_column(vocabulary(**kw), "w")


CASES = {
    "weighted_indicator": (lambda: [F.indicator_column(weighted())], {"tags": TAGS, "w": WEIGHTS}),
    "weighted_mean": (lambda: [F.embedding_column(weighted(), 3)], {"tags": TAGS, "w": WEIGHTS}),
    "weighted_sum": (lambda: [F.embedding_column(weighted(num_oov_buckets=2), 3, combiner="sum")],
                     {"tags": TAGS, "w": WEIGHTS}),
    "weighted_sqrtn_max_norm": (lambda: [F.embedding_column(weighted(), 3, combiner="sqrtn", max_norm=0.5)],
                                {"tags": TAGS, "w": WEIGHTS}),
    "bucketized_embedding": (lambda: [F.embedding_column(ages(2), 3, combiner="sum")], {"age": AGES}),
    "bucketized_indicator_and_dense": (lambda: [ages(2), F.indicator_column(ages(2))], {"age": AGES}),
    "crossed_column_behind_feature": (lambda: [F.indicator_column(F.crossed_column(["tags", ages(2), "n"], 17))],
                                      {"tags": TAGS, "age": AGES, "n": numbers([1], [-1], [2], [7], dtype="int32")}),
    "crossed_in_crossed": (lambda: [F.embedding_column(F.crossed_column(
        [F.crossed_column(["tags", ages(2)], 5), vocabulary("more")], 13, hash_key=99), 2)],
        {"tags": TAGS, "age": AGES, "more": TAGS[::-1].copy()}),
    "crossed_floats_embedding": (lambda: [F.embedding_column(F.crossed_column(["x", "tags"], 1000), 2)],
                                 {"x": numbers([1.9], [-1.9], [0.2], [3]), "tags": TAGS}),
    "hash_of_small_integers": (lambda: [F.indicator_column(F.categorical_column_with_hash_bucket("u", 5, tf.int64)),
                                        F.indicator_column(F.categorical_column_with_hash_bucket("i", 5, tf.int64))],
                               {"u": numbers([255, 0], [1, 254], [7, 255], [3, 3], dtype="uint8"),
                                "i": numbers([-1, 0], [1, -128], [7, 127], [3, -1], dtype="int8")}),
    "identity_embedding": (lambda: [F.embedding_column(F.categorical_column_with_identity("k", 4), 3, combiner="sqrtn")],
                           {"k": numbers([0, 3, -1], [-2, 1, 1], [-1, -1, -1], [2, -7, 2], dtype="int64")}),
    "identity_indicator_out_of_range": (lambda: [F.indicator_column(F.categorical_column_with_identity("k", 4))],
                                        {"k": numbers([0, 9], [-2, 1], [3, 3], [4, -1], dtype="int32")}),
    "vocabulary_integers_oov": (lambda: [F.indicator_column(F.categorical_column_with_vocabulary_list(
        "k", [5, -3, 800], num_oov_buckets=3))], {"k": numbers([5, 1], [-3, -1], [800, 44], [5, 5], dtype="int32")}),
    "vocabulary_default_embedding": (lambda: [F.embedding_column(vocabulary(default_value=2), 3)], {"tags": TAGS}),
    "rank_1_inputs": (lambda: [F.numeric_column("x"), F.indicator_column(vocabulary())],
                      {"x": numbers(1, 2, 3, 4), "tags": texts("a", "", "d", "z")}),
    "numeric_matrix": (lambda: [F.numeric_column("x", shape=(2, 3)), F.numeric_column("a")],
                       {"x": np.arange(24, dtype="float32").reshape(4, 2, 3), "a": numbers([1], [2], [3], [4], dtype="int32")}),
    "names_in_order_of_code_points": (lambda: [F.numeric_column(k) for k in ("b", "B", "a_b", "aB", "a.b", "a")],
                                      {k: numbers([i], [i + 1], [i + 2], [i + 3])
                                       for i, k in enumerate(("b", "B", "a_b", "aB", "a.b", "a"))}),
}


def build(columns, x):
    inputs = {key: inp(a.shape[1:], name=key, dtype="string" if a.dtype.kind == "S" else str(a.dtype))
              for key, a in x.items()}
    return keras.Model(inputs, L.DenseFeatures(columns())(inputs))


def main(out):
    c = Corpus(out)
    for name, (columns, x) in CASES.items():
        c.case("columns", name, lambda: build(columns, x), on=2, x=x, structured=True, fmts=["h5"])
    c.finish("columns")


if __name__ == "__main__":
    main(sys.argv[1])
