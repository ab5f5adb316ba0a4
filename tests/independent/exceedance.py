"""EPT, PSEPT and ALT of Open Results Data from losses by year, occurrence and sample, written from the rules alone.

    python exceedance.py losses.csv YEARS SAMPLES RETURN_PERIOD [RETURN_PERIOD ...] > tables.json

Rank i of n has return period n / i; between ranks the loss is linear in the return period, and nought where the lower rank has
none; the tail mean is that of the losses ranked above the return period and of the loss at it.
"""

import json
import sys

import numpy as np
import pandas as pd

path, years, samples, *periods = sys.argv[1:]
years, samples, periods = int(years), int(samples), sorted(map(float, periods), reverse=True)
losses = pd.read_csv(path)
occurrences = losses.groupby(["sample", "year", "occurrence"]).gross.sum()
whole = pd.MultiIndex.from_product([range(1, samples + 1), range(1, years + 1)], names=["sample", "year"])


def by_year(how):
    return occurrences.groupby(["sample", "year"]).agg(how).reindex(whole, fill_value=0.0).unstack("year").to_numpy()


def curve(values):
    """(return period, loss, tail mean) of a flat array."""
    ranked = np.sort(values.ravel())[::-1]
    ranks = len(ranked) / np.arange(1, len(ranked) + 1)
    points = []
    for period in periods:
        if period > len(ranked):
            continue
        above = ranked[ranks > period]
        # np.interp wants rising return periods.
        loss = np.interp(period, ranks[::-1], ranked[::-1]) if ranked[len(above)] > 0 else 0.0
        points.append((period, loss, (above.sum() + loss) / (len(above) + 1)))
    return points


def rows(points, first):
    return [(first, p, loss) for p, loss, _ in points] + [(first + 1, p, tail) for p, _, tail in points]


ept, psept = [], []
kinds = [(1, by_year("max")), (3, by_year("sum"))]
for calculation in (2, 3, 4):
    for first, table in kinds:
        values = {2: table, 3: np.sort(table, axis=1)[:, ::-1].mean(axis=0), 4: table.mean(axis=0)}[calculation]
        ept += [(1, calculation, *row) for row in rows(curve(values), first)]
for first, table in kinds:
    for sample in range(samples):
        psept += [(1, sample + 1, *row) for row in rows(curve(table[sample]), first)]
total = kinds[1][1].ravel()
alt = [(1, 2, total.mean(), total.std(ddof=1))]
json.dump({"ept": ept, "psept": psept, "alt": alt}, sys.stdout)
