"""What SciPy needs to maximise the likelihood of truncated and censored losses.

    python likelihood.py FAMILY free|none FOLDER [LN_THRESHOLD THRESHOLD_ELASTICITY]

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


def log_pareto(w, xi, density):
    """ln of density or survival of a generalised Pareto excess w, in units of its scale."""
    t = xi * w
    small = np.abs(t) < 1e-8
    with np.errstate(all="ignore"):
        over = np.where(small, w * (1 - t / 2), np.log1p(t) / np.where(small, 1.0, xi))
    value = -(1 + xi if density else 1.0) * over
    return np.where(t <= -1, -1e6, value)


def spliced(column, ln_threshold, threshold_elasticity, free):
    """Minus the log-likelihood of a lognormal body with a generalised Pareto tail, and where to start."""
    x, c = np.log(column["amount"]), np.log(column["revenue_ratio"])
    censored, truncated = column["censored"] > 0, column["truncation"] > 0
    def side(ln, own):
        u = ln_threshold + threshold_elasticity * own
        low = ln <= u
        return (ln[low], own[low], u[low]), (u[~low] + np.log(np.expm1(ln[~low] - u[~low])), own[~low])
    events, cut, gone = (side(ln, own) for ln, own in (
        (x[~censored], c[~censored]), (x[censored], c[censored]), (np.log(column["truncation"][truncated]), c[truncated])))
    (ln, own, u), (excess, excess_own) = events
    total = ln.sum() + excess.sum()

    def minus(p):
        m, s, logit, b, xi = p[:5]
        e = p[5] if free else 0.0
        sigma, ln_body, ln_tail = np.exp(s), -np.logaddexp(0, -logit), -np.logaddexp(0, logit)
        value = (-0.5 * ((ln - m - e * own) / sigma) ** 2).sum() - len(ln) * (s + 0.9189385332046727)
        value -= special.log_ndtr((u - m - e * own) / sigma).sum()
        z = excess - b - e * excess_own
        value += (z + log_pareto(np.exp(z), xi, True)).sum()
        value += len(ln) * ln_body + len(excess) * ln_tail
        for sign, ((low, low_own, low_u), (high, high_own)) in ((1.0, cut), (-1.0, gone)):
            share = special.log_ndtr((low - m - e * low_own) / sigma) - special.log_ndtr((low_u - m - e * low_own) / sigma)
            value += sign * np.log1p(-np.exp(ln_body + share)).sum()
            value += sign * (ln_tail + log_pareto(np.exp(high - b - e * high_own), xi, False)).sum()
        return -(value - total) / len(x)

    share = len(ln) / (len(ln) + len(excess))
    first = [ln.mean(), np.log(ln.std()), np.log(share / (1 - share)), np.log(np.exp(excess).mean()) - 0.3, 0.3]
    return minus, np.array(first + ([threshold_elasticity] if free else [])), len(x)


def main():
    family, elasticity, folder = sys.argv[1:4]
    column = {name: np.fromfile(os.path.join(folder, name)) for name in ("amount", "truncation", "censored", "revenue_ratio")}
    start = time.perf_counter()
    if family == "spliced":
        minus, first, n = spliced(column, float(sys.argv[4]), float(sys.argv[5]), elasticity == "free")
        found = optimize.minimize(minus, first, method="BFGS", options={"gtol": 1e-7})
        print(json.dumps({"seconds": time.perf_counter() - start, "log_likelihood": -found.fun * n}))
        return
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
