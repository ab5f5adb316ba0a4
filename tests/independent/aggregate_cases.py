"""Distributions of aggregate losses by the PyPI package `aggregate`, as the table beside this file.

    python aggregate_cases.py > aggregate_cases.csv

Lognormal: mean and coefficient of variation of the ground-up loss. Pareto: shape and scale of S(x) = (1 + x / scale)^-shape.
Negative binomial: variance = mean + mean^2 / shape. The layer applies to each claim, the aggregate limit to their sum.
"""

from importlib.metadata import version

import numpy as np
from aggregate import build

CASES = [
    # frequency, its mean or trials, its probability or shape; severity, two parameters; retention, limit; aggregate limit; step
    ("poisson", 10, "", "lognormal", 100_000, 3, 50_000, 1_000_000, "", 100),
    ("binomial", 1000, 0.02, "lognormal", 250_000, 4, 50_000, 1_000_000, "", 100),
    ("negative_binomial", 5, 2, "lognormal", 100_000, 3, 50_000, 1_000_000, "", 100),
    ("poisson", 3, "", "pareto", 1.5, 100_000, 100_000, 5_000_000, "", 200),
    ("negative_binomial", 8, 4, "pareto", 2.2, 300_000, 0, 2_000_000, "", 100),
    ("binomial", 200, 0.05, "pareto", 1.3, 50_000, 250_000, 10_000_000, "", 500),
    ("poisson", 20, "", "lognormal", 50_000, 1, 0, "", "", 50),
    ("poisson", 10, "", "lognormal", 100_000, 3, 50_000, 1_000_000, 2_500_000, 100),
    ("negative_binomial", 5, 2, "pareto", 1.5, 100_000, 100_000, 1_000_000, 2_500_000, 100),
]
LEVELS = (0.95, 0.99, 0.995)


def program(case):
    frequency, size, other, severity, first, second, retention, limit, _, _ = case
    claims = size * other if frequency == "binomial" else size
    layer = f"{limit if limit else 'inf'} xs {retention}"
    sev = f"lognorm {first} cv {second}" if severity == "lognormal" else f"{second} * pareto {first} - {second}"
    freq = {"poisson": "poisson", "binomial": f"binomial {other}"}.get(frequency)
    freq = freq or f"mixed gamma {float(other) ** -0.5:.17g}"
    return f"agg Case {claims:g} claims {layer} sev {sev} ! {freq}"


def results(case):
    limit, step = case[-2:]
    agg = build(program(case), bs=step, log2=18, update=True)
    amounts, mass = agg.density_df.loss.to_numpy(), agg.density_df.p_total.to_numpy()
    if limit:
        paid = np.minimum(amounts, limit)
        amounts = np.append(amounts[amounts < limit], limit)
        mass = np.append(mass[: len(amounts) - 1], mass[len(amounts) - 1 :].sum())
        assert abs((paid * agg.density_df.p_total).sum() - (amounts * mass).sum()) < 1e-3
    mean = (amounts * mass).sum()
    sd = np.sqrt(((amounts - mean) ** 2 * mass).sum())
    cdf = mass.cumsum()
    row = [mean, sd]
    for level in LEVELS:
        at = np.searchsorted(cdf, level)
        q = amounts[at]
        row += [q, ((amounts[at:] - q) * mass[at:]).sum() / (1 - level) + q]
        if not limit:
            assert agg.q(level) == q and abs(agg.tvar(level) / row[-1] - 1) < 1e-6, (agg.q(level), agg.tvar(level), row)
    return row


print(f"# aggregate {version('aggregate')}, Fourier, 2^18 points")
names = "frequency,size,other,severity,first,second,retention,limit,aggregate_limit,step,mean,sd"
print(names + "".join(f",var_{level},tvar_{level}" for level in LEVELS))
for case in CASES:
    print(",".join(str(x) for x in case) + "," + ",".join(f"{x:.3f}" for x in results(case)))
