#!/usr/bin/env python3
"""Write the group `categories`: preprocessing of categories and texts at the edges of what the layers take.

    python make_golden_categories.py OUT_DIR        (run once per Keras version)

Ranks beyond a column of one, terms that the vocabulary lists twice or not at all, masks, several indices out of the
vocabulary, negative and huge integers, texts that are not ASCII or not UTF-8. Cases end in _k2, _k3 or _k315.
"""
import json
import os
import sys

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

VERSION = "".join(keras.__version__.split(".")[:2]) if keras.__version__ >= "3.15" else keras.__version__[0]
K2 = VERSION == "2"

TEXTS = [["Größe, FOX!"], ["  the\tquick\u00a0fox\u3000jumps\x0b"], [""], ["日本語 日本"], ["don't  foo_bar 😀"]]
BROKEN = [b"caf\xc3\xa9", b"\xe6\x97\xe6\x97\xa5", b"\xf0\x9f\x98", b"a\xff\xfe b", b"\xed\xa0\x80", b"\xef\xbf\xbf\xef\xb7\x90"]
WORDS = [["a", "b", "z"], ["", "é", "[UNK]"]]
NUMBERS = [[5, -7, 0], [2**31 - 1, -(2**31), 30]]
VALUES = [[-1.0, 0.5, 0.49999997], [3.0, np.inf, np.nan]]


def text_cases():
    vocabulary = ["fox", "the", "größe", "日本語", "foo", "don't", "the quick", "quick fox"]
    letters = ["a", "é", "日", " ", "\ufffd", "😀"]
    for standardize in (None, "lower", "strip_punctuation", "lower_and_strip_punctuation"):
        yield f"text_{standardize}", TEXTS, L.TextVectorization(standardize=standardize, vocabulary=vocabulary)
    yield "text_broken_utf8", BROKEN, L.TextVectorization(split="character", standardize=None, vocabulary=letters)
    yield "text_characters", TEXTS, L.TextVectorization(split="character", vocabulary=letters, output_mode="count")
    yield "text_ngrams", TEXTS, L.TextVectorization(ngrams=3, vocabulary=vocabulary, output_sequence_length=4)
    yield "text_ngrams_none", TEXTS, L.TextVectorization(ngrams=0, vocabulary=vocabulary)
    yield "text_ngrams_list", TEXTS, L.TextVectorization(ngrams=(2, 1), vocabulary=vocabulary)
    yield "text_rank1", [text[0] for text in TEXTS], L.TextVectorization(vocabulary=vocabulary)
    yield "text_rank3", [[["the fox"], ["fox"]], [[""], ["x the"]]], L.TextVectorization(vocabulary=vocabulary)
    yield "text_cut", TEXTS, L.TextVectorization(vocabulary=vocabulary, output_sequence_length=1)
    yield "text_cut_to_nothing", TEXTS, L.TextVectorization(vocabulary=vocabulary, output_sequence_length=0)
    yield "text_whole_cut", WORDS, L.TextVectorization(split=None, vocabulary=["a", "b"], output_sequence_length=2)
    yield "text_whole_ngrams", WORDS, L.TextVectorization(split=None, ngrams=2, vocabulary=["a", "b", "a b"])
    yield "text_whole_count", WORDS, L.TextVectorization(split=None, vocabulary=["a", "b"], output_mode="count")
    yield "text_padded", TEXTS, L.TextVectorization(vocabulary=["fox", "the"], output_mode="multi_hot", max_tokens=6,
                                                    pad_to_max_tokens=True)
    yield "text_listed_specials", TEXTS, L.TextVectorization(vocabulary=["", "[UNK]", "fox", "the"])
    yield "text_tf_idf", TEXTS, L.TextVectorization(vocabulary=["fox", "the"], output_mode="tf_idf", max_tokens=5,
                                                    idf_weights=[0.25, 1.5], pad_to_max_tokens=True)
    if not K2:
        yield "text_whole_one_hot", WORDS, L.TextVectorization(split=None, vocabulary=["a", "b"], output_mode="one_hot")


def lookup_cases():
    for mode in ("int", "multi_hot", "count") if K2 else ("int", "one_hot", "multi_hot", "count"):
        for mask in (None, ""):
            yield (f"string_{mode}_{'plain' if mask is None else 'mask'}", WORDS,
                   L.StringLookup(vocabulary=["a", "b", "é"], mask_token=mask, num_oov_indices=3, output_mode=mode))
        yield f"integer_{mode}", NUMBERS, L.IntegerLookup(vocabulary=[5, 30, -4], mask_token=0, num_oov_indices=5,
                                                          output_mode=mode)
        rank3 = np.array(NUMBERS)[..., None]
        if mode == "int" or not K2:
            yield f"integer_{mode}_rank3", rank3, L.IntegerLookup(vocabulary=[5, 30, -4], output_mode=mode)
        if mode != "int":
            yield f"integer_{mode}_rank1", NUMBERS[0], L.IntegerLookup(vocabulary=[5, 30, -4], output_mode=mode)
    yield "string_listed_specials", WORDS, L.StringLookup(vocabulary=["", "[UNK]", "[UNK]", "a", "[UNK]"],
                                                          mask_token="", num_oov_indices=2)
    yield "string_oov_is_a_term", WORDS, L.StringLookup(vocabulary=["a", "[UNK]", "b"])
    yield "string_oov0_mask", [["a", ""], ["b", "a"]], L.StringLookup(vocabulary=["a", "b"], num_oov_indices=0,
                                                                    mask_token="")
    yield "string_tf_idf_oov3", WORDS, L.StringLookup(vocabulary=["a", "b"], idf_weights=[0.5, 2], num_oov_indices=3,
                                                      output_mode="tf_idf", mask_token="z")
    yield "string_tf_idf_listed", WORDS, L.StringLookup(vocabulary=["[UNK]", "a", "b"], idf_weights=[3, 0.5, 2],
                                                        output_mode="tf_idf", max_tokens=5, pad_to_max_tokens=True)
    yield "string_invert_mask", [[0, 1, 2], [3, 9, -1]], L.StringLookup(vocabulary=["a", "é"], invert=True,
                                                                      mask_token="–")
    yield "integer_invert_mask", [[0, 1, 2], [3, 9, -1]], L.IntegerLookup(vocabulary=[7, -8], invert=True,
                                                                        mask_token=77, num_oov_indices=2)
    if VERSION == "315":
        yield "string_salt", WORDS, L.StringLookup(vocabulary=["a"], num_oov_indices=50, salt=[3, -4])
        yield "integer_salt", NUMBERS, L.IntegerLookup(vocabulary=[5], num_oov_indices=50, oov_method="farmhash", salt=9)
        yield "integer_farmhash", NUMBERS, L.IntegerLookup(vocabulary=[5], num_oov_indices=50, oov_method="farmhash")


def bin_cases():
    for mode in ("int", "multi_hot", "count") if K2 else ("int", "one_hot", "multi_hot", "count"):
        yield f"discretization_{mode}", VALUES, L.Discretization([-1.0, 0.5, 0.5, 3.0], output_mode=mode)
        yield f"discretization_{mode}_integers", NUMBERS, L.Discretization([0, 5.5, 2**24 + 1], output_mode=mode)
        yield f"hashing_{mode}_strings", WORDS, L.Hashing(9, mask_value="", output_mode=mode)
        yield f"hashing_{mode}_integers", NUMBERS, L.Hashing(9, mask_value=0, salt=[2**62, -1], output_mode=mode)
        yield f"hashing_{mode}_rank1", NUMBERS[0], L.Hashing(4, output_mode=mode)
        if not K2:
            yield f"hashing_{mode}_rank3", np.array(NUMBERS)[:, None], L.Hashing(4, output_mode=mode)
            yield f"discretization_{mode}_rank3", np.array(VALUES)[:, None], L.Discretization([0.5], output_mode=mode)
    yield "hashing_one_hot_column", [["a"], ["é"]], L.Hashing(5, output_mode="one_hot")
    yield "hashing_one_bin", NUMBERS, L.Hashing(1, mask_value=0)
    doubles = np.array([[0.1, 0.10000000000000002], [0.099999999, 1e300]])
    yield "discretization_doubles", doubles, L.Discretization([0.1])
    adapted = L.Discretization(num_bins=49, epsilon=0.01)
    adapted.adapt(np.random.RandomState(4).normal(size=(500, 1)).astype("float32"))
    yield "discretization_adapted", np.array(VALUES, "float32"), adapted
    few = L.Discretization(num_bins=9, epsilon=0.01)
    few.adapt(np.array([[1.0], [0.25], [3.0]], "float32"))
    yield "discretization_adapted_to_few", np.array(VALUES, "float32"), few
    indices = np.array([[[0, 3], [1, 1]], [[2, 0], [4, 9]]])
    if not K2:
        for mode in ("one_hot", "multi_hot", "count"):
            yield f"category_{mode}_rank3", indices, L.CategoryEncoding(5, output_mode=mode)
        yield "category_one_hot_negative", [[-1, 2]], L.CategoryEncoding(3, output_mode="one_hot")
    yield "category_floats", [[0.9, 2.0], [1.0, 1.0]], L.CategoryEncoding(3, output_mode="count")


def array(values):
    a = np.array(values)
    if a.dtype.kind in "SU":
        return np.array([v if isinstance(v, bytes) else v.encode() for v in a.ravel()]).reshape(a.shape)
    return a.astype("float32") if a.dtype.kind == "f" and not isinstance(values, np.ndarray) else a


def tensor(a):
    return tf.constant(a.astype(object), tf.string) if a.dtype.kind == "S" else tf.constant(a)


def write(out, name, values, layer):
    keras.backend.clear_session()
    x = array(values)
    dtype = "string" if x.dtype.kind == "S" else x.dtype.name
    inputs = L.Input(x.shape[1:], dtype=dtype)
    model = keras.Model(inputs, layer(inputs))
    y = np.asarray(model(tensor(x)))
    y = y.astype("S") if y.dtype == object else y
    case = f"{name}_k{VERSION}"
    folder = os.path.join(out, "categories", case)
    os.makedirs(folder, exist_ok=True)
    model.save(os.path.join(folder, "model.h5"))
    np.save(os.path.join(folder, "x0.npy"), x)
    np.save(os.path.join(folder, "y0.npy"), y)
    lines = []
    model.summary(print_fn=lambda text, **_: lines.append(text))
    with open(os.path.join(folder, "summary.txt"), "w") as file:
        file.write("\n".join(lines) + "\n")
    facts = {
        "keras_version": keras.__version__, "tensorflow_version": tf.__version__, "group": "categories", "case": case,
        "layer_classes": ["InputLayer", type(layer).__name__],
        "inputs": [{"file": "x0.npy", "shape": list(x.shape), "dtype": x.dtype.str,
                    "declared_shape": [None, *x.shape[1:]], "declared_dtype": dtype}],
        "outputs": [{"file": "y0.npy", "shape": list(y.shape), "dtype": y.dtype.str}],
        "atol": 1e-6, "rtol": 1e-6, "computed_by": "keras", "files": {"model.h5": "saved"},
    }
    with open(os.path.join(folder, "case.json"), "w") as file:
        json.dump(facts, file, indent=1)


def main():
    for cases in (text_cases, lookup_cases, bin_cases):
        for case in cases():
            write(sys.argv[1], *case)


if __name__ == "__main__":
    main()
