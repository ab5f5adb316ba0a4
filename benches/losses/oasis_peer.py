"""The tools of OasisLMF on a job of the engine's size.

    python oasis_peer.py FOLDER make POLICIES EVENTS HIT
    python oasis_peer.py FOLDER run SAMPLES portfolio|policies

`make` writes a model and a book into FOLDER as binary tables: one period a year, as many as events, each event in a random one;
an event hits HIT policies, each a location of its own; an intensity stands for the level of an occurrence, a vulnerability for
a lognormal severity (40 damage bins, evenly wide in logarithms); a policy has a deductible and a limit. `run` sends SAMPLES
samples through evepy, gulmc, fmpy, summarypy and lecpy, to the exceedance curves of the portfolio or of every policy, and prints
one JSON line: seconds on the clock and of the processors, average annual loss, curves. Runs in an environment that has
oasislmf (`pip install oasislmf 'pandas<3'`).
"""

import csv
import json
import os
import resource
import shutil
import subprocess
import sys
import time

import numpy as np
from scipy.stats import norm

VALUE, SIGMA, LEVEL = 1e8, 1.8, 0.5
MU = np.array([10.0, 11.0, 12.0, 13.0])
LIMIT = np.array([1e6, 2e6, 5e6, 1e7])
RETENTION = np.array([5e3, 1e4, 5e4, 2.5e5])
INTENSITIES, BINS = 20, 40


def write(path, columns, header=b""):
    """Writes columns of 32 bits side by side."""
    rows = np.rec.fromarrays([np.asarray(column) for column in columns])
    with open(path, "wb") as out:
        out.write(header + rows.tobytes())


def integers(*columns):
    return [np.asarray(column, dtype="i4") for column in columns]


def vulnerabilities(folder):
    """P(damage bin | size, intensity): a lognormal at the median level of each of equally likely intensities."""
    edges = np.concatenate([[0.0], np.geomspace(1e2, VALUE, BINS), [VALUE]])
    level = np.exp(LEVEL * norm.ppf((np.arange(INTENSITIES) + 0.5) / INTENSITIES) - LEVEL**2 / 2)
    with np.errstate(divide="ignore"):
        z = (np.log(edges)[None, None, :-1] - MU[:, None, None] - np.log(level)[None, :, None]) / SIGMA
    cdf = np.concatenate([norm.cdf(z), np.ones(z.shape[:2] + (1,))], axis=2)
    size, intensity, bin_ = np.indices((len(MU), INTENSITIES, BINS + 1)).reshape(3, -1) + 1
    probability = np.diff(cdf, axis=2).reshape(-1).astype("f4")
    header = np.array([BINS + 1], dtype="i4").tobytes()
    write(f"{folder}/static/vulnerability.bin", integers(size, intensity, bin_) + [probability], header)
    index = np.arange(1, BINS + 2, dtype="i4")
    low, high = (edges[:-1] / VALUE).astype("f4"), (edges[1:] / VALUE).astype("f4")
    middle = ((low + high) / 2).astype("f4")
    write(f"{folder}/static/damage_bin_dict.bin", [index, low, high, middle, np.zeros_like(index)])


def footprint(folder, policies, events, hit, rng):
    where = np.concatenate([np.sort(rng.choice(policies, hit, replace=False)) for _ in range(events)]) + 1
    intensity = np.repeat(rng.integers(1, INTENSITIES + 1, events), hit)
    header = np.array([INTENSITIES, 0], dtype="i4").tobytes()
    ones = np.ones(len(where), dtype="f4")
    write(f"{folder}/static/footprint.bin", [where.astype("u4"), intensity.astype("i4"), ones], header)
    offset = 8 + 12 * hit * np.arange(events, dtype="i8")
    ids = np.arange(1, events + 1, dtype="i4")
    write(f"{folder}/static/footprint.idx", [ids, offset, np.full(events, 12 * hit, dtype="i8")])
    ids.tofile(f"{folder}/input/events.bin")
    period = rng.integers(1, events + 1, events)
    write(f"{folder}/input/occurrence.bin", integers(ids, period, np.ones(events)), np.array([1, events], "i4").tobytes())


def book(folder, policies):
    ids, ones = np.arange(1, policies + 1, dtype="i4"), np.ones(policies, dtype="i4")
    size, given = (ids - 1) % len(MU), f"{folder}/input"
    write(f"{given}/coverages.bin", [np.full(policies, VALUE, dtype="f4")])
    write(f"{given}/items.bin", integers(ids, ids, ids, size + 1, ids))
    zero = np.zeros(policies, dtype="f4")
    write(f"{given}/correlations.bin", [ids, ones - 1, zero, ids, zero, ones - 1])
    write(f"{given}/fm_programme.bin", integers(ids, ones, ids))
    write(f"{given}/fm_policytc.bin", integers(ones, ids, ones, size + 1))
    write(f"{given}/fm_xref.bin", integers(ids, ids, ones))
    # Calculation rule 1: a deductible, then a limit.
    none = np.zeros(len(MU), dtype="f4")
    terms = [RETENTION.astype("f4"), none, none, none, LIMIT.astype("f4"), none, none, none]
    write(f"{given}/fm_profile.bin", integers(np.arange(1, len(MU) + 1), np.ones(len(MU))) + terms)
    write(f"{given}/fm_summary_map.bin", integers(ids, ids, ones))
    tool = os.path.join(os.path.dirname(sys.executable), "fmpy")
    subprocess.run([tool, "--create-financial-structure-files", "-p", given], check=True)


def make(folder, policies, events, hit):
    for inside in ("static", "input"):
        os.makedirs(f"{folder}/{inside}", exist_ok=True)
    vulnerabilities(folder)
    footprint(folder, policies, events, hit, np.random.default_rng(1))
    book(folder, policies)
    np.array([1000, 250, 100, 50, 10], dtype="i4").tofile(f"{folder}/input/returnperiods.bin")


def summaries(folder, perspective):
    """One set of summaries at a time: asked for the second alone, summarypy gives the first."""
    ids = np.arange(1, os.path.getsize(f"{folder}/input/coverages.bin") // 4 + 1)
    own = np.ones_like(ids) if perspective == "portfolio" else ids
    write(f"{folder}/input/fmsummaryxref.bin", integers(ids, own, np.ones_like(ids)))


def run(folder, samples, perspective):
    summaries(folder, perspective)
    shutil.rmtree(f"{folder}/work", ignore_errors=True)
    os.makedirs(f"{folder}/work/ept")
    tools = os.path.dirname(sys.executable)
    pipe = (
        f"evepy 1 1 | gulmc -a0 -S{samples} | fmpy -a0 | summarypy -m -t il -1 work/ept/part.bin"
        " && lecpy -r -K ept -F -f -O ept.csv"
    )
    environment = dict(os.environ, PATH=f"{tools}:{os.environ['PATH']}", OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1")
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(["bash", "-o", "pipefail", "-c", pipe], cwd=folder, env=environment, check=True, stdout=sys.stderr)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    with open(f"{folder}/ept.csv") as rows:
        curves = {row["SummaryId"] for row in csv.DictReader(rows)}
    result = {"seconds": seconds, "processor": processor, "curves": len(curves)}
    if perspective == "portfolio":
        result["average"] = average(folder, samples)
    print(json.dumps(result))


def average(folder, samples):
    """Average annual loss from the portfolio's summaries: an event's number, summary and value, then (sample, loss) up to
    sample 0; samples below 1 are not sampled."""
    words = np.fromfile(f"{folder}/work/ept/part.bin", dtype="i4")[3:]
    losses, total, at = words.view("f4").astype("f8"), 0.0, 0
    while at < len(words):
        at += 3
        end = at + 2 * int(np.argmax(words[at : at + 2 * samples + 20 : 2] == 0))
        total += losses[at + 1 : end : 2][words[at:end:2] > 0].sum()
        at = end + 2
    return total / samples / (os.path.getsize(f"{folder}/input/events.bin") // 4)


if __name__ == "__main__":
    folder, what, *rest = sys.argv[1:]
    if what == "make":
        make(folder, *map(int, rest))
    else:
        run(folder, int(rest[0]), rest[1])
