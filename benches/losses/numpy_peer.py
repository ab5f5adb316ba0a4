"""The same scenario in NumPy, vectorised.

    python numpy_peer.py FOLDER YEARS walk|flip

FOLDER holds the book as raw columns (see `made.rs`): one row an exposure of an insured to a vendor, sorted by vendor. Two ways
to find who is hit: `flip` draws a uniform for every exposed insured of the vendor, one occurrence after another; `walk` takes a
thousand years at once, draws for each occurrence a Poisson number of candidates at the highest hit probability of the vendor's
list, drops repeated ones, and keeps the rest in proportion to their own probability (so that each is hit with exactly its own).
Losses, split over coverages, sublimit, retention, limit and annual aggregate are of whole columns in both. Prints one JSON line.
"""

import json
import os
import sys
import time

import numpy as np

SPLIT = np.array([0.4, 0.4])
TOGETHER = 1_000


def terms(book, who, at, year, loss):
    """What the policies pay: coverages, sublimit of the second, retention, limit, aggregate used up in the order of time, which
    is that of occurrences."""
    first, second = np.rint(loss * SPLIT[0]), np.rint(loss * (SPLIT[0] + SPLIT[1]))
    covered = first + np.minimum(second - first, book["sublimit"]) + (loss - second)
    paid = np.minimum(np.maximum(covered - book["retention"][who], 0), book["limit"][who])
    order = np.argsort(who * np.int64(len(year)) + at)
    key, paid = who[order] * np.int64(len(year)) + year[at[order]], paid[order]
    begins = np.flatnonzero(np.diff(key, prepend=-1))
    before = np.cumsum(paid) - paid
    before -= np.repeat(before[begins], np.diff(begins, append=len(key)))
    return order, np.minimum(paid, np.maximum(book["aggregate"][who[order]] - before, 0))


def occurrences(book, years, rng):
    """Year, vendor, hit share and level of each occurrence, in the order of time."""
    count = rng.poisson(book["frequency"], (years, book["vendors"]))
    year, vendor = np.nonzero(count)
    times = count[year, vendor]
    year, vendor = np.repeat(year, times), np.repeat(vendor, times)
    order = np.argsort(year + rng.random(len(year)))
    year, vendor, n = year[order], vendor[order], len(year)
    rate = rng.beta(2.0, 3.0, n) * rng.uniform(0.0, book["most"], n)
    sigma = book["level"]
    return year, vendor, rate, np.exp(sigma * rng.standard_normal(n) - sigma**2 / 2)


def walk(book, vendor, rate, rng):
    """The exposures that are hit and by which occurrence, of many occurrences at once."""
    start, n = book["start"][vendor], book["start"][vendor + 1] - book["start"][vendor]
    top = book["top"][vendor] * rate
    candidates = rng.poisson(-n * np.log1p(-top))
    at = np.repeat(np.arange(len(vendor)), candidates)
    row = start[at] + (rng.random(len(at)) * n[at]).astype("i8")
    pair = np.unique(at * len(book["who"]) + row)
    at, row = np.divmod(pair, len(book["who"]))
    kept = rng.random(len(at)) * top[at] < book["probability"][row] * rate[at]
    return at[kept], row[kept]


def flip(book, vendor, rate, rng):
    """The same, one occurrence after another."""
    rows = []
    for own, r in zip(vendor, rate):
        low, high = book["start"][own], book["start"][own + 1]
        rows.append(low + np.flatnonzero(rng.random(high - low) < book["probability"][low:high] * r))
    at = np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    return at, np.concatenate(rows) if rows else np.zeros(0, "i8")


def read(folder):
    with open(os.path.join(folder, "book.json")) as file:
        book = json.load(file)
    columns = {"who": "u4", "start": "u4", "probability": "f8", "mu": "f8", "retention": "f8", "limit": "f8", "aggregate": "f8"}
    for name, kind in columns.items():
        column = np.fromfile(os.path.join(folder, name), dtype=kind)
        book[name] = column.astype("i8") if kind == "u4" else column
    book["vendors"] = len(book["start"]) - 1
    book["top"] = np.maximum.reduceat(book["probability"], book["start"][:-1])
    return book


def main():
    folder, years, how = sys.argv[1], int(sys.argv[2]), {"walk": walk, "flip": flip}[sys.argv[3]]
    book, rng = read(folder), np.random.Generator(np.random.SFC64(1))
    start, processor = time.perf_counter(), time.process_time()
    ground_up, gross, hits = np.zeros(years), np.zeros(years), 0
    largest, by_policy = np.zeros(years), np.zeros(len(book["mu"]))
    for first in range(0, years, TOGETHER):
        now = min(TOGETHER, years - first)
        year, vendor, rate, level = occurrences(book, now, rng)
        at, row = how(book, vendor, rate, rng)
        who = book["who"][row]
        z = rng.standard_normal(len(at))
        loss = np.minimum(np.exp(book["mu"][who] + book["sigma"] * z) * level[at], book["cap"])
        loss = np.rint(loss * 100)
        order, paid = terms(book, who, at, year, loss)
        ground_up[first : first + now] = np.bincount(year[at], loss, now)
        gross[first : first + now] = np.bincount(year[at[order]], paid, now)
        by_policy += np.bincount(who[order], paid, len(by_policy))
        by_occurrence = np.bincount(at[order], paid, len(year))
        np.maximum.at(largest, first + year, by_occurrence)
        hits += len(at)
    result = {"seconds": time.perf_counter() - start, "processor": time.process_time() - processor, "hits": hits}
    for name, losses in (("ground_up", ground_up / 100), ("gross", gross / 100)):
        mean, sd = losses.mean(), losses.std(ddof=1)
        fourth = ((losses - mean) ** 4).mean()
        error = np.sqrt((fourth - sd**4 * (years - 3) / (years - 1)) / years) / (2 * sd)
        result[name] = [mean, sd / np.sqrt(years), sd, error]
    print(json.dumps(result))


if __name__ == "__main__":
    main()
