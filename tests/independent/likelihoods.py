"""Maximum likelihood by SciPy and statsmodels, written apart from the crate.

    python likelihoods.py FOLDER

FOLDER holds cases.json, a list of {name, kind, ...}, and NAME.csv for each. Severities are maximised with SciPy's logpdf and
logsf: log f (or log S where censored) less log S at the truncation point. Counts are fitted by statsmodels. Prints a JSON
object: for each name the maximum and the parameters as people read them.
"""

import csv
import json
import os
import sys
import warnings

import numpy as np
from scipy import optimize, stats

warnings.filterwarnings("ignore")


def read(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    return {name: np.array([float(row[i]) for row in rows[1:]]) for i, name in enumerate(rows[0])}


def lognormal(p):
    return lambda scale: stats.lognorm(s=np.exp(p[1]), scale=np.exp(p[0]) * scale)


def gamma(p):
    return lambda scale: stats.gamma(a=np.exp(p[1]), scale=np.exp(p[0]) * scale)


def weibull(p):
    return lambda scale: stats.weibull_min(c=np.exp(p[1]), scale=np.exp(p[0]) * scale)


def pareto(p):
    return lambda scale: stats.lomax(c=np.exp(p[1]), scale=np.exp(p[0]) * scale)


class Spliced:
    """Lognormal up to the threshold with its weight, generalised Pareto beyond."""

    def __init__(self, p, threshold):
        self.threshold = threshold
        self.body = stats.lognorm(s=np.exp(p[1]), scale=np.exp(p[0]))
        self.tail = stats.genpareto(c=p[4], loc=threshold, scale=np.exp(p[3]))
        self.share = 1 / (1 + np.exp(-p[2]))

    def logpdf(self, x):
        below = np.log(self.share) + self.body.logpdf(x) - self.body.logcdf(self.threshold)
        above = np.log1p(-self.share) + self.tail.logpdf(np.maximum(x, self.threshold * (1 + 1e-15)))
        return np.where(x <= self.threshold, below, above)

    def logsf(self, x):
        below = np.log1p(-self.share * np.exp(self.body.logcdf(x) - self.body.logcdf(self.threshold)))
        above = np.log1p(-self.share) + self.tail.logsf(np.maximum(x, self.threshold))
        return np.where(x <= self.threshold, below, above)


def severity(case, data):
    x, d, w, r = data["amount"], data["truncation"], data["weight"], data["revenue_ratio"]
    censored, truncated = data["censored"] > 0, data["truncation"] > 0
    family, free = case["family"], case["elasticity"]

    def minus(p):
        if family == "spliced":
            model = Spliced(p, case["threshold"])
            at = lambda rows: model
        else:
            made = {"lognormal": lognormal, "gamma": gamma, "weibull": weibull, "pareto": pareto}[family](p)
            at = lambda rows: made(r[rows] ** p[2] if free else 1.0)
        total = np.sum(w[~censored] * at(~censored).logpdf(x[~censored]))
        total += np.sum(w[censored] * at(censored).logsf(x[censored]))
        total -= np.sum(w[truncated] * at(truncated).logsf(d[truncated]))
        return -total if np.isfinite(total) else 1e300

    ln = np.log(x)
    starts = {
        "lognormal": [ln.mean(), np.log(ln.std())],
        "gamma": [np.log(x.mean()), 0.0],
        "weibull": [ln.mean(), 0.0],
        "pareto": [ln.mean() + 0.5, 0.5],
        "spliced": [ln.mean(), np.log(ln.std()), 1.5, np.log(case["threshold"]), 0.3],
    }
    p = np.array(starts[family] + ([0.0] if free else []))
    for _ in range(3):
        options = {"xatol": 1e-9, "fatol": 1e-10, "maxiter": 20_000, "maxfev": 20_000}
        p = optimize.minimize(minus, p, method="Nelder-Mead", options=options).x
        better = optimize.minimize(minus, p, method="BFGS", jac="3-point", options={"gtol": 1e-9})
        p = better.x if better.fun <= minus(p) else p
    natural = list(np.exp(p[:2])) if family not in ("lognormal", "spliced") else [p[0], np.exp(p[1])]
    if family == "spliced":
        natural += [1 / (1 + np.exp(-p[2])), np.exp(p[3]), p[4]]
    return {"log_likelihood": -minus(p), "parameters": natural + ([p[2]] if free else [])}


def counts(case, data):
    import statsmodels.api as sm

    design = np.column_stack([np.ones(len(data["claims"])), data["time"] - case["trend_at"]])
    if case["family"] == "poisson":
        fit = sm.Poisson(data["claims"], design, exposure=data["exposure"]).fit(disp=0, maxiter=200, method="newton")
    else:
        method = {"negative_binomial": "nb1", "shared_negative_binomial": "nb2"}[case["family"]]
        model = sm.NegativeBinomial(data["claims"], design, loglike_method=method, exposure=data["exposure"])
        fit = model.fit(disp=0, maxiter=2_000, method="bfgs", gtol=1e-9)
    p = fit.params
    return {"log_likelihood": fit.llf, "parameters": [np.exp(p[0])] + list(p[2:]) + [p[1]]}


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "cases.json")) as file:
        cases = json.load(file)
    answers = {}
    for case in cases:
        data = read(os.path.join(folder, case["name"] + ".csv"))
        answers[case["name"]] = (severity if case["kind"] == "severity" else counts)(case, data)
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
