"""MELT, QELT, SPLT, MPLT and QPLT of losses.csv by the tools of oasislmf (eltpy and pltpy): see README.md.

    python moments.py

Writes the inputs of the tools as they read them (a summary stream, occurrences, quantiles, event rates) into a temporary folder,
runs them, and leaves what they write beside this file, without the rows of the analytical mean (SampleType 1, SampleId -1),
which a simulation does not have.
"""

import csv
import struct
import tempfile
from pathlib import Path

from oasislmf.pytools.elt.manager import run as eltpy
from oasislmf.pytools.plt.manager import run as pltpy

HERE = Path(__file__).parent
YEARS, SAMPLES, QUANTILES = 24, 3, [0.0, 0.1, 0.25, 0.5, 0.8, 1.0]
MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
SUMMARY_STREAM, MEAN, MAXIMUM = 3 << 24 | 1, -1, -5


def date_id(year, day):
    """Days as the tools count them, of a day of a year of 365 days."""
    month = 0
    while day > MONTHS[month]:
        day -= MONTHS[month]
        month += 1
    m = (month + 10) % 12
    y = year - m // 10
    return 365 * y + y // 4 - y // 100 + y // 400 + (m * 306 + 5) // 10 + day - 1


events = {}
with open(HERE / "losses.csv") as file:
    for row in csv.DictReader(file):
        event = events.setdefault(int(row["event"]), {"place": (int(row["year"]), int(row["day"])), "losses": {}})
        event["losses"][int(row["sample"])] = float(row["gross"])

with tempfile.TemporaryDirectory() as folder:
    inputs = Path(folder, "input")
    inputs.mkdir()
    stream = struct.pack("<iii", SUMMARY_STREAM, SAMPLES, 1)
    occurrences = struct.pack("<ii", 1, YEARS)
    for number, event in sorted(events.items()):
        losses = event["losses"]
        # An exposure of 1: the tools leave out events without one.
        stream += struct.pack("<iif", number, 1, 1.0)
        special = [(MAXIMUM, max(losses.values())), (MEAN, sum(losses.values()) / SAMPLES)]
        for sample, loss in special + sorted(losses.items()) + [(0, 0.0)]:
            stream += struct.pack("<if", sample, loss)
        occurrences += struct.pack("<iii", number, event["place"][0], date_id(*event["place"]))
    Path(folder, "summary.bin").write_bytes(stream)
    Path(inputs, "occurrence.bin").write_bytes(occurrences)
    Path(inputs, "quantile.bin").write_bytes(struct.pack(f"<{len(QUANTILES)}f", *QUANTILES))
    rates = "".join(f"{number},{1 / YEARS:.12f}\n" for number in events)
    Path(inputs, "event_rates.csv").write_text("EventIds,Event_rates\n" + rates)
    files = [Path(folder, "summary.bin")]
    out = {name: Path(folder, f"{name}.csv") for name in ["selt", "melt", "qelt", "splt", "mplt", "qplt"]}
    eltpy(folder, files, *(str(out[name]) for name in ["selt", "melt", "qelt"]))
    pltpy(folder, files, *(str(out[name]) for name in ["splt", "mplt", "qplt"]))
    for name, path in out.items():
        rows = list(csv.DictReader(open(path)))
        kept = [row for row in rows if row.get("SampleType") != "1" and row.get("SampleId") != "-1"]
        with open(HERE / f"{name}.csv", "w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
            writer.writeheader()
            writer.writerows(kept)
