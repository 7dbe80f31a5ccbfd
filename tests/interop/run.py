#!/usr/bin/env python3
"""Files layerctl writes, loaded by the Keras of this interpreter.

    run.py LAYERCTL GOLDEN [--translate] [--group NAME]... [--case NAME]... [--every N] [--list] [--keep FOLDER]

Every golden case of this Keras (with --translate: of the other major version) is converted to each format, loaded, and
run on the case's inputs; the outputs must be those recorded. Prints a table of formats, and every failure with its
reason; exit status 1 if there is one, or if an exception of exceptions.json passes. Counts so far go to stderr now and
then; a run that is stopped still prints its table, and exits with 130.
"""
import argparse
import collections
import fnmatch
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
import keras
from keras.src.saving import serialization_lib

from corpus import read_cases

MAJOR, MINOR = (int(part) for part in keras.__version__.split(".")[:2])
EXCEPTIONS = pathlib.Path(__file__).with_name("exceptions.json")
UNSUPPORTED = 4
STOPPED = 130
OUTCOMES = ["equal", "refused", "own file fails", "exception", "failed"]
CASES_BETWEEN_COUNTS = 50


def load_whole(path):
    safe = {} if MAJOR == 2 and path.suffix != ".keras" else {"safe_mode": False}
    return keras.models.load_model(path, compile=False, custom_objects=CUSTOM, **safe)


def load_pair(architecture, weights):
    serialization_lib.enable_unsafe_deserialization()
    model = keras.models.model_from_json(architecture.read_text(), custom_objects=CUSTOM)
    model.load_weights(weights)
    return model


# A format: the files it takes, each with the kind layerctl calls it, and how Keras loads them.
FORMATS = {
    "keras": ([("model.keras", "keras")], load_whole),
    "h5": ([("model.h5", "h5")], load_whole),
    "json + weights.h5": ([("model.json", "json"), ("model.weights.h5", "weights.h5")], load_pair),
    "json + legacy h5": ([("model.json", "json"), ("weights.h5", "legacy-weights")], load_pair),
}


def version_of(case):
    return tuple(int(part) for part in case.keras_version.split(".")[:2])


def is_ours(case, translate):
    """Whether this Keras is the one to ask. Keras 3.12 does not read what 3.15 wrote; files of Keras 1 become files of 2.15."""
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
        words = [options.layerctl, "convert", *case.source(), folder / name, "--to", kind,
                 *case.custom_objects(REPOSITORY)]
        if options.translate:
            words += ["--keras", str(MAJOR)]
        result = subprocess.run(words, capture_output=True, text=True, timeout=120)
        if result.returncode == UNSUPPORTED:
            raise Refused(re.sub(r"^layerctl: (\S+: )?|layer '[^']*' ", "", result.stderr.strip().splitlines()[0]))
        if result.returncode != 0:
            raise Failed(f"layerctl exits with {result.returncode}: {result.stderr.strip()[:300]}")
        paths.append(folder / name)
    return paths


def own_complaint(case, name, load):
    """What Keras says of the file of that kind it wrote itself; None if it reads that well or there is none."""
    if not case.has(name):
        return None
    try:
        return case.judge(load(case.folder / name), lambda: load(case.folder / name))
    except Exception as error:
        return last_words(error)


def examine(options, case, name, folder):
    """The outcome of one format of one case, and what was said."""
    files, load = FORMATS[name]
    try:
        paths = convert(options, case, folder, files)
        keras.backend.clear_session()
        own = None if options.translate else lambda: load_whole(case.source()[0])
        complaint = case.judge(load(*paths), own)
    except Refused as refusal:
        return "refused", str(refusal)
    except Failed as failure:
        return "failed", str(failure)
    except Exception as error:
        complaint = last_words(error)
    if complaint is None:
        return "equal", ""
    if not options.translate and len(files) == 1 and own_complaint(case, files[0][0], load):
        return "own file fails", complaint
    return "failed", complaint


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
        self.tally = {name: collections.Counter() for name in options.format or FORMATS}
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
        print(f"Keras {keras.__version__}{translated}: {stopped}{len(self.cases)} cases")
        print(f"  {'':20}" + "".join(f"{outcome:>16}" for outcome in OUTCOMES))
        for name, counts in self.tally.items():
            print(f"  {name:20}" + "".join(f"{counts[outcome]:16}" for outcome in OUTCOMES))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("layerctl")
    parser.add_argument("golden")
    parser.add_argument("--translate", action="store_true", help="cases of the other Keras, translated")
    parser.add_argument("--group", action="append", default=[])
    parser.add_argument("--case", action="append", default=[], help="GROUP/NAME")
    parser.add_argument("--every", type=int, default=1, help="only each Nth case")
    parser.add_argument("--format", action="append", choices=list(FORMATS), help="only this format")
    parser.add_argument("--list", action="store_true", help="name the cases that are refused, too")
    parser.add_argument("--keep", help="folder for the files that fail")
    options = parser.parse_args()
    cases = [c for c in read_cases(options.golden, options.group, options.case, options.every)
             if is_ours(c, options.translate)]
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
