#!/usr/bin/env python3
"""layerctl beside other runtimes on the same models, in one run.

    python make_models.py DIR --only mlp_tiny,lstm128
    python peers.py DIR [--only NAME,..] [--peers NAME,..] [--batch 1,8] [--threads 1,2] [--rounds 5]
                    [--converted] [--layerctl build/release/layerctl] [--keep FILE] [--starts N]
                    [--write docs/performance.md --state TEXT]

Every measurement is a process of its own, bound to as many CPUs as it has threads. A round goes through all cases, in
which the peers take turns, and of each the shortest run of all rounds counts: what else a machine does only makes runs
longer, and what it does for some minutes hits a case in one round. With `--keep`, rounds may be spread over a day: what
that file holds of earlier ones counts, and the table has all its cases. An output that differs from the one Keras recorded
by more than TOLERANCE is no time. `--write` puts the table between the markers of that file. `--starts` writes another one:
how long whole processes of layerctl take. Runs with the Python that has the peers; `scripts/bench-peers` makes one.
"""
import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
WORKER = [sys.executable, os.path.join(HERE, "one_peer.py")]
TOLERANCE = 1e-3  # of the largest output


def markers(what):
    return f"<!-- written by bench/peers.py{what}: begin -->", f"<!-- written by bench/peers.py{what}: end -->"


def output_of(command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def last_json(text):
    return json.loads([line for line in text.splitlines() if line.startswith("{")][-1])


def last_line(error):
    lines = (error.stderr or "").strip().splitlines()
    return lines[-1][:200] if lines else f"ended with {error.returncode}"


def bound_to(threads):
    cpus = sorted(os.sched_getaffinity(0))[-threads:]
    return lambda: os.sched_setaffinity(0, cpus)


class Case:
    """One model at one batch size and number of threads."""

    def __init__(self, folder, name, batch, threads):
        self.name, self.batch, self.threads = name, batch, threads
        self.model = os.path.join(folder, name + ".h5")
        suffix = "" if batch == 1 else str(batch)
        self.input = os.path.join(folder, f"{name}.in{suffix}.npy")
        self.wanted = np.load(os.path.join(folder, f"{name}.out{suffix}.npy")).astype("float64")

    def command(self, who, arguments, output):
        begin = [arguments.layerctl, "bench", self.model, "--json"]
        if who != "layerctl":
            begin = [*WORKER, "run", who, self.model]
        return [*begin, "--input", self.input, "--output", output, "--threads", str(self.threads), "--seconds",
                str(arguments.seconds), "--max-seconds", str(arguments.max_seconds), "--warmup", str(arguments.warmup)]

    def measure(self, who, arguments):
        """Milliseconds of the shortest run, or why there are none."""
        with tempfile.TemporaryDirectory() as folder:
            output = os.path.join(folder, "y.npy")
            try:
                done = subprocess.run(self.command(who, arguments, output), capture_output=True, text=True, check=True,
                                      preexec_fn=bound_to(self.threads),
                                      env=dict(os.environ, OMP_NUM_THREADS=str(self.threads)))
            except subprocess.CalledProcessError as error:
                return last_line(error).replace(os.path.dirname(self.model) + os.sep, "")
            difference = np.max(np.abs(np.load(output).astype("float64").ravel() - self.wanted.ravel()))
        allowed = TOLERANCE * np.max(np.abs(self.wanted))
        return last_json(done.stdout)["min_ms"] if difference <= allowed else f"differs from Keras by {difference:.1e}"


class Row:
    """The shortest time of each runtime in one case so far, or why it has none."""

    def __init__(self, case, results, rounds=0):
        self.case, self.results, self.rounds = case, results, rounds

    def measure(self, arguments):
        for who, before in self.results.items():
            found = self.case.measure(who, arguments)
            failed = [value for value in (before, found) if isinstance(value, str)]
            self.results[who] = failed[0] if failed else min(before or found, found)
        self.rounds += 1

    def key(self):
        return [self.case.name, self.case.batch, self.case.threads]


def kept_rows(arguments, runtimes):
    if not arguments.keep or not os.path.exists(arguments.keep):
        return []
    with open(arguments.keep) as file:
        kept = json.load(file)
    if list(kept["runtimes"]) != runtimes:
        sys.exit(f"{arguments.keep}: holds times of {', '.join(kept['runtimes'])}, wanted those of {', '.join(runtimes)}")
    return [Row(Case(arguments.models, *row["case"]), row["results"], row["rounds"]) for row in kept["rows"]]


def keep(rows, runtimes, path):
    with open(path, "w") as file:
        json.dump({"runtimes": runtimes,
                   "rows": [{"case": row.key(), "results": row.results, "rounds": row.rounds} for row in rows]}, file)


def shown(result):
    return "–" if isinstance(result, str) else f"{result:.4g}"


def ratio(results):
    ours = results["layerctl"]
    peers = [value for who, value in results.items() if who != "layerctl" and not isinstance(value, str)]
    return "–" if isinstance(ours, str) or not peers else f"{ours / min(peers):.2f}"


def cpu():
    with open("/proc/cpuinfo") as file:
        found = re.search(r"model name\s*: (.*)", file.read())
    return f"{found[1] if found else 'unknown CPU'}, {len(os.sched_getaffinity(0))} CPUs"


def commit():
    git = ["git", "-C", HERE]
    changed = output_of([*git, "status", "--porcelain", "--untracked-files=no"]).strip()
    return output_of([*git, "rev-parse", "--short", "HEAD"]).strip() + (" with changes" if changed else "")


def table(rows, runtimes):
    lines = ["| model | batch | threads | " + " | ".join(runtimes) + " | ratio |",
             "|---|" + "--:|" * (len(runtimes) + 3)]
    for row in rows:
        case, results = row.case, row.results
        cells = [case.name, str(case.batch), str(case.threads), *(shown(results[who]) for who in runtimes), ratio(results)]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def chosen(wanted, peers):
    unknown = [name for name in wanted if name not in peers["known"]]
    if unknown:
        sys.exit(f"--peers: wanted some of {', '.join(peers['known'])}, found {', '.join(unknown)}")
    return [name for name in peers["installed"] if not wanted or name in wanted]


def spread(rows):
    fewest, most = min(row.rounds for row in rows), max(row.rounds for row in rows)
    return str(most) if fewest == most else f"{fewest} to {most}"


def report(rows, runtimes, peers, loads, arguments):
    versions = ", ".join(f"{name} {version}" for name, version in peers["installed"].items() if name in runtimes)
    absent = [f"{name} ({'left out' if name in peers['installed'] else 'not installed'})" for name in peers["known"]
              if name not in runtimes]
    lines = [f"{datetime.date.today()}, {cpu()}, load average {loads[0]:.1f} at the start and {loads[1]:.1f} at the end. "
             f"layerctl {commit()}, {arguments.state}; {versions}."]
    if absent:
        lines.append(f"Without {', '.join(absent)}.")
    lines += [f"Milliseconds of the shortest run of {spread(rows)} rounds; the ratio is layerctl's time to that of the "
              "fastest peer.", "", *table(rows, runtimes)]
    failures = [f"- {row.case.name}, batch {row.case.batch}, {who}: {result}" for row in rows
                for who, result in row.results.items() if isinstance(result, str)]
    return "\n".join(lines + ([""] + failures if failures else []))


def write(path, text, what=""):
    begin, end = markers(what)
    with open(path) as file:
        before, rest = file.read().split(begin)
    after = rest.split(end)[1]
    with open(path, "w") as file:
        file.write(f"{before}{begin}\n{text}\n{end}{after}")


def start(command):
    """Milliseconds of a whole process."""
    begin = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - begin)


def starts(names, arguments):
    lines = [f"{datetime.date.today()}, {cpu()}. layerctl {commit()}, whole processes, from the `.h5` to the `.npy`; "
             f"milliseconds of the shortest of {arguments.starts}; MiB of the file, and of memory in a run of `bench --cold`.",
             "", "| model | file | time | peak memory |", "|---|--:|--:|--:|"]
    for name in names:
        case = Case(arguments.models, name, 1, 1)
        with tempfile.TemporaryDirectory() as folder:
            command = [arguments.layerctl, "predict", case.model, case.input, "-o", os.path.join(folder, "y.npy")]
            least = min(start(command) for _ in range(arguments.starts))
        cold = [arguments.layerctl, "bench", case.model, "--input", case.input, "--cold", "--json"]
        peak = last_json(output_of(cold))["vmhwm_mb"]
        lines.append(f"| {name} | {os.path.getsize(case.model) / 2**20:.1f} | {least:.1f} | {peak:.0f} |")
    return "\n".join(lines)


def numbers(text):
    return [int(part) for part in text.split(",")]


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models")
    parser.add_argument("--only", default="")
    parser.add_argument("--peers", type=lambda text: text.split(","), default=[])
    parser.add_argument("--batch", type=numbers, default=[1])
    parser.add_argument("--threads", type=numbers, default=[1])
    parser.add_argument("--converted", action="store_true", help="only what was converted before, which takes minutes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.7)
    parser.add_argument("--max-seconds", type=float, default=6)
    parser.add_argument("--warmup", type=float, default=0.2)
    parser.add_argument("--layerctl", default="build/release/layerctl")
    parser.add_argument("--state", default="", help="what of layerctl was measured: 'reference executor'")
    parser.add_argument("--starts", type=int, default=0, metavar="N", help="N whole processes of each model instead")
    parser.add_argument("--keep", metavar="FILE", help="add the rounds to those of earlier runs, which this file holds")
    parser.add_argument("--write", metavar="FILE")
    arguments = parser.parse_args()
    if arguments.write and not arguments.state and not arguments.starts:
        parser.error("--write wants --state: a table says what was measured")
    return arguments


def main():
    arguments = parse()
    with open(os.path.join(arguments.models, "models.json")) as file:
        known = list(json.load(file))
    names = [name for name in arguments.only.split(",") if name] or known
    if arguments.starts:
        text = starts(names, arguments)
        if arguments.write:
            write(arguments.write, text, " --starts")
        print(text)
        return
    peers = last_json(output_of([*WORKER, "list"]))
    for name in [] if arguments.converted else names:
        subprocess.run([*WORKER, "convert", os.path.join(arguments.models, name + ".h5"), "--batch",
                        ",".join(map(str, arguments.batch))], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    runtimes = ["layerctl", *chosen(arguments.peers, peers)]
    first_load = os.getloadavg()[0]
    rows = kept_rows(arguments, runtimes)
    wanted = [[name, batch, threads] for name in names for batch in arguments.batch for threads in arguments.threads]
    known_cases = [row.key() for row in rows]
    rows += [Row(Case(arguments.models, *case), dict.fromkeys(runtimes)) for case in wanted if case not in known_cases]
    for _ in range(arguments.rounds):
        for row in [row for row in rows if row.key() in wanted]:
            row.measure(arguments)
            print(row.rounds, *row.key(), *(f"{who} {shown(found)}" for who, found in row.results.items()), "ratio",
                  ratio(row.results), sep="  ", flush=True)
        if arguments.keep:
            keep(rows, runtimes, arguments.keep)
        text = report(rows, runtimes, peers, (first_load, os.getloadavg()[0]), arguments)
        if arguments.write:
            write(arguments.write, text)
    print(text)
    return 1 if any(isinstance(row.results["layerctl"], str) for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
