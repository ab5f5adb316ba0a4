"""What SciPy needs to maximise the likelihood of truncated and censored losses.

    python likelihood.py FAMILY free|none FOLDER

FOLDER holds the columns amount, truncation, censored and revenue_ratio as 64-bit floats. Prints one JSON line: seconds of the
search and its maximum. Equal truncation and censoring points are evaluated once where there is no revenue, as the crate does.
"""

import json
import os
import sys
import time

import numpy as np
from scipy import optimize, special


def log_density(family, z, s):
    shape = np.exp(s)
    if family == "lognormal":
        return -0.5 * (z / shape) ** 2 - s - 0.9189385332046727
    if family == "gamma":
        return shape * z - np.exp(z) - special.gammaln(shape)
    if family == "weibull":
        return s + shape * z - np.exp(shape * z)
    return s + z - (shape + 1) * np.logaddexp(0, z)


def log_survival(family, z, s):
    shape = np.exp(s)
    if family == "lognormal":
        return special.log_ndtr(-z / shape)
    if family == "gamma":
        return np.log(special.gammaincc(shape, np.exp(z)))
    if family == "weibull":
        return -np.exp(shape * z)
    return -shape * np.logaddexp(0, z)


def main():
    family, elasticity, folder = sys.argv[1:4]
    column = {name: np.fromfile(os.path.join(folder, name)) for name in ("amount", "truncation", "censored", "revenue_ratio")}
    start = time.perf_counter()
    x, c = np.log(column["amount"]), np.log(column["revenue_ratio"])
    censored, truncated = column["censored"] > 0, column["truncation"] > 0
    free = elasticity == "free"
    ln, own = x[~censored], c[~censored]
    cut, cut_own, cut_times = x[censored], c[censored], 1.0
    gone, gone_own, gone_times = np.log(column["truncation"][truncated]), c[truncated], 1.0
    if not free:
        cut, cut_times = np.unique(cut, return_counts=True)
        gone, gone_times = np.unique(gone, return_counts=True)
        own = cut_own = gone_own = 0.0
    total = ln.sum()

    def minus(p):
        m, s, e = p[0], p[1], p[2] if free else 0.0
        value = log_density(family, ln - m - e * own, s).sum() - total
        value += (cut_times * log_survival(family, cut - m - e * cut_own, s)).sum()
        return -(value - (gone_times * log_survival(family, gone - m - e * gone_own, s)).sum())

    shape = {"lognormal": np.log(ln.std()), "gamma": 0.0, "weibull": 0.0, "pareto": 0.5}[family]
    first = np.array([ln.mean() + 0.5, shape] + ([0.0] if free else []))
    found = optimize.minimize(minus, first, method="L-BFGS-B", options={"ftol": 1e-14, "gtol": 1e-3})
    print(json.dumps({"seconds": time.perf_counter() - start, "log_likelihood": -found.fun}))


if __name__ == "__main__":
    main()
