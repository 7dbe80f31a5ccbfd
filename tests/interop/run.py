#!/usr/bin/env python3
"""Files layerctl writes, loaded by the Keras of this interpreter.

    run.py LAYERCTL GOLDEN [--translate] [--expand-lambda] [--group NAME]... [--case NAME]... [--every N] [--list] [--keep FOLDER]

Every golden case of this Keras (with --translate: of the other major version) is converted to each format, loaded, and
run on the case's inputs; the outputs must be those recorded. Prints a table of formats, and every failure with its
reason; exit status 1 if there is one, or if an exception of exceptions.json passes. A file that Keras reads no better
where it wrote it itself ("own file fails") is none. With --expand-lambda: cases with Lambda layers, which must load in
safe mode without them. Counts so far go to stderr now and then; a run that is stopped
still prints its table, and exits with 130.
"""
import argparse
import collections
import fnmatch
import functools
import gc
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "testdata/generators"))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
from fixture_common import CUSTOM  # first: it silences TensorFlow
import h5py
import keras
from keras.src.saving import serialization_lib

from corpus import read_cases

MAJOR, MINOR = (int(part) for part in keras.__version__.split(".")[:2])
EXCEPTIONS = pathlib.Path(__file__).with_name("exceptions.json")
UNSUPPORTED = 4
STOPPED = 130
OUTCOMES = ["equal", "refused", "own file fails", "exception", "failed"]
CASES_BETWEEN_COUNTS = 50


def load_whole(path, safe_mode=False):
    safe = {} if MAJOR == 2 and path.suffix != ".keras" else {"safe_mode": safe_mode}
    return keras.models.load_model(path, compile=False, custom_objects=CUSTOM, **safe)


def read_architecture(path):
    serialization_lib.enable_unsafe_deserialization()
    return keras.models.model_from_json(path.read_text(), custom_objects=CUSTOM)


def load_pair(architecture, weights):
    model = read_architecture(architecture)
    model.load_weights(weights)
    return model


def write_architecture(model, path):
    path.write_text(model.to_json())


def write_legacy_weights(model, path):
    if MAJOR == 2:
        model.save_weights(path)
        return
    with h5py.File(path, "w") as file:
        keras.src.legacy.saving.legacy_h5_format.save_weights_to_hdf5_group(file, model)


# A format: the files it takes, each with the kind layerctl calls it, and how Keras loads them.
FORMATS = {
    "keras": ([("model.keras", "keras")], load_whole),
    "h5": ([("model.h5", "h5")], load_whole),
    "json + weights.h5": ([("model.json", "json"), ("model.weights.h5", "weights.h5")], load_pair),
    "json + legacy h5": ([("model.json", "json"), ("weights.h5", "legacy-weights")], load_pair),
}

WHOLE_FORMATS = ["keras", "h5"]

# A kind: what a case calls such files, and how Keras writes one of a model.
KINDS = {
    "keras": (["model.keras"], keras.Model.save),
    "h5": (["model.h5"], keras.Model.save),
    "json": (["model.json", "architecture.json"], write_architecture),
    "weights.h5": (["model.weights.h5"], keras.Model.save_weights),
    "legacy-weights": (["legacy_weights.h5"], write_legacy_weights),
}


def version_of(case):
    return tuple(int(part) for part in case.keras_version.split(".")[:2])


def is_ours(case, translate):
    """Whether this Keras is the one to ask. Keras 3.12 does not read what 3.15 wrote; files of Keras 1 become
    files of 2.15."""
    major, minor = version_of(case)
    if translate:
        return major != MAJOR and major > 1 and MINOR <= 15 and (MAJOR == 2 or MINOR <= 12)
    if MAJOR == 2:
        return major in (1, 2)
    return major == 3 and (minor > 12) == (MINOR > 12)


class Failed(Exception):
    pass


class Refused(Exception):
    pass


def last_words(error):
    """An exception in one line, without the folders of this run."""
    text = re.sub(r"\s+", " ", f"{type(error).__name__}: {error}")
    return re.sub(r"(/[\w.+-]+){2,}/", "", text)[:300]


def convert(options, case, folder, files):
    paths = []
    for name, kind in files:
        words = [options.layerctl, "convert", *case.words(), folder / name, "--to", kind,
                 *case.custom_objects(REPOSITORY)]
        if options.translate:
            words += ["--keras", str(MAJOR)]
        if options.expand_lambda:
            words += ["--expand-lambda"]
        result = subprocess.run(words, capture_output=True, text=True, timeout=120)
        if result.returncode == UNSUPPORTED:
            raise Refused(re.sub(r"^layerctl: (\S+: )?|layer '[^']*' ", "", result.stderr.strip().splitlines()[0]))
        if result.returncode != 0:
            raise Failed(f"layerctl exits with {result.returncode}: {result.stderr.strip()[:300]}")
        paths.append(folder / name)
    return paths


class Unreadable(Exception):
    """Keras reads none of its own files of a case; what it says of the last of them."""


def load_source(case, files):
    """As the case does it."""
    model = load_whole(*files) if len(files) == 1 else load_pair(*files)
    if case.graft:
        by_name = {"by_name": True} if case.graft["by_name"] else {}
        model.load_weights(case.graft["file"], skip_mismatch=case.graft["skip_mismatch"], **by_name)
    return model


def own_loader(case):
    return functools.partial(load_source, case, case.source())


def own_model(case):
    """The model as Keras loads it from one of its own files."""
    whole = [[case.folder / name] for name in ("model.keras", "model.h5") if case.has(name)]
    for files in whole or [case.source()]:
        load = functools.partial(load_source, case, files)
        try:
            complaint = case.judge(load(), load)
        except Exception as error:
            complaint = last_words(error)
        if complaint is None:
            return load()
    raise Unreadable(complaint)


def write_own_architecture(case, path):
    """As the case's h5 file has it."""
    with h5py.File(case.folder / "model.h5") as file:
        path.write_text(file.attrs["model_config"])


def own_file(case, name, kind, folder):
    """A file of that kind by Keras itself: the case's, or what Keras writes now."""
    names, write = KINDS[kind]
    if case.graft is None:
        for recorded in filter(case.has, names):
            return case.folder / recorded
    try:
        write(own_model(case), folder / name)
    except Unreadable:
        if kind != "json" or not case.has("model.h5"):
            raise
        write_own_architecture(case, folder / name)
    return folder / name


def own_complaint(case, files, load, ours):
    """What Keras says of such files it wrote itself; None if it reads them well. Where it cannot even write them, since
    it reads no other file of the case, what it says of that one counts if it says the same of ours."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        try:
            for name, kind in files:
                paths.append(own_file(case, name, kind, pathlib.Path(folder)))
                if kind == "json":
                    read_architecture(paths[-1])
            return case.judge(load(*paths), functools.partial(load, *paths))
        except Unreadable as unreadable:
            return ours if str(unreadable) == ours else None
        except Exception as error:
            return last_words(error)


def examine(options, case, name, folder):
    """The outcome of one format of one case, and what was said."""
    files, load = FORMATS[name]
    if options.expand_lambda:
        load = functools.partial(load, safe_mode=True)
    has_own = version_of(case)[0] == MAJOR and not options.expand_lambda
    try:
        paths = convert(options, case, folder, files)
        keras.backend.clear_session()
        complaint = case.judge(load(*paths), own_loader(case) if has_own else None)
    except Refused as refusal:
        return "refused", str(refusal)
    except Failed as failure:
        return "failed", str(failure)
    except Exception as error:
        complaint = last_words(error)
    if complaint is None:
        return "equal", ""
    own = own_complaint(case, files, load, complaint) if has_own else None
    if own is None:
        return "failed", complaint
    return "own file fails", complaint if own == complaint else f"{complaint} (its own file: {own})"


class Exceptions:
    """Reasons by patterns of "GROUP/CASE: format"; one that covers several may fit cases that pass."""

    def __init__(self, translate):
        self.reasons = json.loads(EXCEPTIONS.read_text()).get(f"{MAJOR}{' translated' if translate else ''}", {})

    def reason(self, case, name):
        return next((r for p, r in self.reasons.items() if fnmatch.fnmatchcase(f"{case}: {name}", p)), None)

    def names(self, case, name):
        """Whether a reason is for just that one."""
        return f"{case}: {name}" in self.reasons


def keep(options, case, name, folder):
    target = pathlib.Path(options.keep) / f"{case.name}_{name.replace(' ', '')}"
    shutil.copytree(folder, target, dirs_exist_ok=True)
    print(f"    kept in {target}")


class Run:
    """Goes through the cases and counts."""

    def __init__(self, options, cases):
        self.options, self.cases, self.done, self.wrong = options, cases, 0, 0
        self.exceptions = Exceptions(options.translate)
        formats = WHOLE_FORMATS if options.expand_lambda else FORMATS
        self.tally = {name: collections.Counter() for name in options.format or formats}
        self.refusals = collections.Counter()

    def go(self):
        for case in self.cases:
            for name in self.tally:
                self.count(case, name)
            self.done += 1
            if self.done % CASES_BETWEEN_COUNTS == 0:
                self.print_counts()

    def count(self, case, name):
        with tempfile.TemporaryDirectory() as folder:
            outcome, said = examine(self.options, case, name, pathlib.Path(folder))
            reason = self.exceptions.reason(case.name, name)
            if outcome == "failed" and reason:
                outcome, said = "exception", reason
            if outcome == "failed" and self.options.keep:
                keep(self.options, case, name, folder)
        self.tally[name][outcome] += 1
        if outcome == "equal" and self.exceptions.names(case.name, name):
            print(f"{case.name} {name}: passes, but is an exception: {reason}", flush=True)
            self.wrong += 1
        if outcome == "refused":
            self.refusals[said] += 1
        if outcome == "failed" or (self.options.list and outcome != "equal"):
            print(f"{case.name} {name}: {outcome}: {said}", flush=True)
        self.wrong += outcome == "failed"

    def print_counts(self):
        total = sum(self.tally.values(), collections.Counter())
        counts = ", ".join(f"{total[outcome]} {outcome}" for outcome in OUTCOMES if total[outcome])
        print(f"{self.done} of {len(self.cases)} cases: {counts}", file=sys.stderr, flush=True)

    def print_table(self):
        for said, count in self.refusals.most_common():
            print(f"  refused {count} times: {said}")
        stopped = f"{self.done} of " if self.done < len(self.cases) else ""
        translated = ", translated" if self.options.translate else ""
        translated += ", Lambda expanded" if self.options.expand_lambda else ""
        print(f"Keras {keras.__version__}{translated}: {stopped}{len(self.cases)} cases")
        print(f"  {'':20}" + "".join(f"{outcome:>16}" for outcome in OUTCOMES))
        for name, counts in self.tally.items():
            print(f"  {name:20}" + "".join(f"{counts[outcome]:16}" for outcome in OUTCOMES))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("layerctl")
    parser.add_argument("golden")
    parser.add_argument("--translate", action="store_true", help="cases of the other Keras, translated")
    parser.add_argument("--expand-lambda", action="store_true", help="cases with Lambda layers, replaced by operations")
    parser.add_argument("--group", action="append", default=[])
    parser.add_argument("--case", action="append", default=[], help="GROUP/NAME")
    parser.add_argument("--every", type=int, default=1, help="only each Nth case")
    parser.add_argument("--format", action="append", choices=list(FORMATS), help="only this format")
    parser.add_argument("--list", action="store_true", help="name the cases that are refused, too")
    parser.add_argument("--keep", help="folder for the files that fail")
    options = parser.parse_args()
    cases = [c for c in read_cases(options.golden, options.group, options.case, options.every)
             if is_ours(c, options.translate) and (not options.expand_lambda or c.has_layer("Lambda"))]
    gc.freeze()  # clear_session collects garbage, which else goes through all of TensorFlow each time
    run = Run(options, cases)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        run.go()
    except KeyboardInterrupt:
        run.print_table()
        return STOPPED
    run.print_table()
    return 1 if run.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
