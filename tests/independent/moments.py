"""MELT, QELT, MPLT and QPLT of Open Results Data from losses by year, occurrence and sample, written from the rules alone.

    python moments.py losses.csv YEARS SAMPLES QUANTILE [QUANTILE ...] > tables.json

An occurrence of an event has a loss in every sample, nought where none is told; an event has those of all its occurrences. Events
are numbered by name; the date of an occurrence is the first told.
"""

import json
import sys

import numpy as np
import pandas as pd

path, years, samples, *quantiles = sys.argv[1:]
years, samples, quantiles = int(years), int(samples), list(map(float, quantiles))
losses = pd.read_csv(path)
losses["event"] = losses.event.rank(method="dense").astype(int)
dates = pd.to_datetime(losses.date)
losses["y"], losses["m"], losses["d"] = dates.dt.year, dates.dt.month, dates.dt.day
key = ["year", "occurrence", "event"]
table = losses.pivot_table(index=key, columns="sample", values="gross", aggfunc="sum", fill_value=0.0)
table = table.reindex(columns=range(1, samples + 1), fill_value=0.0)
when = losses.sort_values("date").groupby(key)[["y", "m", "d"]].first()


def moments(values):
    spread = values.std(ddof=1) if values.size > 1 else 0.0
    return [float((values > 0).mean()), float(values.mean()), float(spread), float(values.max())]


out = {"melt": [], "qelt": [], "mplt": [], "qplt": []}
for event, own in table.groupby(level="event"):
    values = own.to_numpy().ravel()
    out["melt"].append([event, 1, 2, len(own) / years, *moments(values)])
    out["qelt"] += [[event, 1, q, float(np.quantile(values, q))] for q in quantiles]
for (year, occurrence, event), values in zip(table.index, table.to_numpy()):
    if values.max() > 0:
        place = [year, 1 / years, event, *map(int, when.loc[(year, occurrence, event)]), 1]
        out["mplt"].append([*place, 2, *moments(values)])
        out["qplt"] += [[*place, q, float(np.quantile(values, q))] for q in quantiles]
json.dump(out, sys.stdout, default=int)
