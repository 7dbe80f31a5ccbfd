#!/usr/bin/env python3
"""Write the summaries of cases anew where the file says less, or other things, than the model that was saved.

    python record_summaries.py CORPUS        (once per Keras version; after all generators)

What layerctl shows is the file; so the judge of its summary is Keras with that file in front of it. case.json names the file
under `summary_of`; what Keras says that cannot load it stands under `no_summary`, and summary.txt goes.
"""
import glob

from fixture_common import *

WHY = {
    "output_padding": "Keras 3.12 does not write output_padding",
    "derived": "the file was derived from one of Keras 2.15 and has names of its own",
    "announced": "the operation announces another shape than it returns, and the file keeps the latter",
    "input": "Keras 2 does not write `trainable` of an InputLayer",
}
CASES = {  # case: file, why
    **{f"conv/conv1dt_{case}_k3": ("model.h5", "output_padding")
       for case in ("same_k3_s3_o1", "valid_k3_s2_o1", "valid_k3_s3_o1")},
    **{f"conv/conv2dt_{case}_k3": ("model.h5", "output_padding")
       for case in ("same_k33_s22_o01", "valid_k33_s22_o01", "valid_k33_s22_o11", "valid_k33_s23_o12")},
    **{f"formats/keras1_{case}_k2": ("model.h5", "derived")
       for case in ("cnn", "conv1d", "gru", "lstm", "merge_functional", "merge_mul", "mlp", "simplernn_embedding")},
    "formats/keras213_model_k2": ("model.h5", "derived"),
    "formats/keras224_dict_k2": ("model.h5", "derived"),
    "newest/ops_adaptive_pool_k315": ("model.keras", "announced"),
    "tutorial/model_from_frozen_base_output_k2": ("model.h5", "input"),
}
OPTIONS = {
    "summary": {},
    "summary_expand_nested": {"expand_nested": True},
    "summary_show_trainable": {"show_trainable": True},
    "summary_expand_trainable": {"expand_nested": True, "show_trainable": True},
    "summary_len120": {"line_length": 120},
}


def record(folder, file, why):
    with open(os.path.join(folder, "case.json"), encoding="utf-8") as text:
        facts = json.load(text)
    if facts["keras_version"] != keras.__version__:
        return
    texts = [path for name in OPTIONS if os.path.exists(path := os.path.join(folder, name + ".txt"))]
    keras.backend.clear_session()
    try:
        model = keras.models.load_model(os.path.join(folder, file), compile=False)
    except Exception as error:
        facts["no_summary"] = f"Keras {keras.__version__} cannot load {file}: {type(error).__name__}: " \
                              + clean(str(error), folder)[:200].replace("\n", " ")
        for path in texts:
            os.remove(path)
    else:
        facts["summary_of"], facts["summary_note"] = file, WHY[why]
        for path in texts:
            with open(path, "w", encoding="utf-8") as out:
                out.write(summary_text(model, **OPTIONS[os.path.basename(path)[:-4]]))
    with open(os.path.join(folder, "case.json"), "w", encoding="utf-8") as out:
        json.dump(facts, out, indent=1, ensure_ascii=False)
    print(folder, facts.get("no_summary", "recorded"))


def main(corpus):
    for case, (file, why) in CASES.items():
        folder = os.path.join(corpus, case)
        if os.path.isdir(folder):
            record(folder, file, why)


if __name__ == "__main__":
    main(sys.argv[1])
