"""The joins that the inventory does, written as plain SQL: what DuckDB needs for them.

    python duckdb.py FOLDER [RUNS [PRODUCTS]]

Prints one JSON line: seconds and peak memory of each run of each query, and what the query found. Each run is a process
of its own, so that its peak memory is its own. The products' patterns are read from the catalogue's folder PRODUCTS.
"""

import csv
import json
import multiprocessing
import os
import resource
import sys
import tempfile
import time
import tomllib

# This file's own folder comes first on the path, and this file would be taken for the package.
sys.path = [p for p in sys.path if os.path.abspath(p or ".") != os.path.dirname(os.path.abspath(__file__))]

LISTED = "(SELECT policy_id, unnest(string_split(domains, ';')) AS domain FROM '{policies}')"

PRODUCTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data", "products")

# Kinds of record with patterns that equality of text can find: how they may be compared.
NAMES = ("suffix", "exact")
MATCHES = {"mx": NAMES, "spf": NAMES, "ns": NAMES, "cname": NAMES, "autodiscover": NAMES, "dkim": NAMES, "dmarc": NAMES}
MATCHES |= {"txt": ("prefix",), "microsoft_tenant": ("exact",)}

# The end of a text that a pattern of its kind must share, as long as the shortest pattern: what a hash join can be on.
SHARED = "CASE kind WHEN 'txt' THEN left({text}, {{width}}) ELSE right({text}, {{width}}) END"

QUERIES = {
    # Who has Mimecast's mail exchangers?
    "suffix": f"""
        SELECT count(*) AS policies, sum(domains) AS domains FROM (
            SELECT policy_id, count(*) AS domains
            FROM (SELECT DISTINCT domain FROM '{{observations}}' WHERE kind = 'mx' AND suffix(value, '.mimecast.com'))
            JOIN {LISTED} USING (domain) GROUP BY policy_id)""",
    # Who has Mimecast, Microsoft 365, or both, by any of three kinds of record?
    "two products": f"""
        SELECT count(*) AS policies, count(*) FILTER (products = 2) AS both, sum(pairs) AS pairs FROM (
            SELECT policy_id, count(DISTINCT product) AS products, count(*) AS pairs
            FROM (
                SELECT DISTINCT domain, product FROM (
                    SELECT domain, CASE
                        WHEN kind = 'mx' AND suffix(value, '.mimecast.com') THEN 1
                        WHEN kind = 'mx' AND suffix(value, '.mail.protection.outlook.com') THEN 2
                        WHEN kind = 'spf' AND key IN ('include', 'redirect') AND suffix(value, '_netblocks.mimecast.com') THEN 1
                        WHEN kind = 'spf' AND key IN ('include', 'redirect') AND value = 'spf.protection.outlook.com' THEN 2
                        WHEN kind = 'autodiscover' AND value = 'autodiscover.outlook.com' THEN 2
                    END AS product
                    FROM '{{observations}}' WHERE kind IN ('mx', 'spf', 'autodiscover'))
                WHERE product IS NOT NULL)
            JOIN {LISTED} USING (domain) GROUP BY policy_id)""",
    # Which providers do most policies depend on?
    "top providers": f"""
        SELECT provider, count(DISTINCT policy_id) AS policies
        FROM (
            SELECT DISTINCT domain, regexp_extract(value, '([^.]+[.][^.]+)$', 1) AS provider
            FROM '{{observations}}' WHERE kind IN ('mx', 'ns', 'cname') AND status = 'found')
        JOIN {LISTED} USING (domain) GROUP BY provider ORDER BY policies DESC, provider LIMIT 20""",
    # How many policies have each product of the catalogue? Names are written in lower case already.
    "every product": f"""
        WITH patterns AS (
            SELECT *, dense_rank() OVER (ORDER BY product) AS number, {SHARED.format(text="pattern")} AS shared
            FROM '{{patterns}}'),
        records AS (
            SELECT *, {SHARED.format(text="value")} AS shared FROM (
                SELECT domain, kind, key,
                    CASE WHEN kind IN ('txt', 'microsoft_tenant') THEN lower(value) ELSE value END AS value
                FROM '{{observations}}' WHERE kind IN {tuple(MATCHES)} AND value IS NOT NULL)),
        found AS (
            SELECT number, count(DISTINCT policy_id) AS policies
            FROM (
                SELECT DISTINCT domain, number FROM records JOIN patterns USING (kind, shared)
                WHERE (keys IS NULL OR list_contains(string_split(keys, ' '), key)) AND CASE match
                    WHEN 'exact' THEN value = pattern
                    WHEN 'suffix' THEN value = pattern OR suffix(value, '.' || pattern)
                    ELSE prefix(value, pattern)
                END)
            JOIN {LISTED} USING (domain) GROUP BY number)
        SELECT product, policies FROM found JOIN (SELECT DISTINCT number, product FROM patterns) USING (number)
        ORDER BY policies DESC, product""",
}


def write_patterns(products, path):
    """Writes the catalogue's patterns as a table and gives the length of the shortest that is not a whole value."""
    width = None
    with open(path, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("kind", "keys", "match", "pattern", "product"))
        for name in sorted(name for name in os.listdir(products) if name.endswith(".toml")):
            with open(os.path.join(products, name), "rb") as source:
                listed = tomllib.load(source)["product"]
            for product in listed:
                for signal in product.get("signal", []):
                    kind, match, keys = signal["kind"], signal["match"], " ".join(signal.get("keys", []))
                    if match in MATCHES.get(kind, ()):
                        pattern = signal["pattern"].lower()
                        table.writerow((kind, keys, match, pattern, product["id"]))
                        if match != "exact":
                            width = min(width or len(pattern), len(pattern))
    return width


def run(sql, answer):
    import duckdb

    connection = duckdb.connect(config={"threads": 2})
    start = time.perf_counter()
    rows = connection.execute(sql).fetchall()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    answer.put((seconds, peak, [[int(v) if str(v).isdigit() else v for v in row] for row in rows]))


def measure(sql, runs):
    seconds, peaks, rows = [], [], []
    for _ in range(runs):
        context = multiprocessing.get_context("fork")
        answer = context.Queue()
        child = context.Process(target=run, args=(sql, answer))
        child.start()
        took, peak, rows = answer.get()
        child.join()
        seconds.append(took)
        peaks.append(peak)
    return {"seconds": seconds, "peak_bytes": peaks, "rows": rows}


def main():
    folder, runs = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    products = sys.argv[3] if len(sys.argv) > 3 else PRODUCTS
    files = {name: os.path.join(folder, f"{name}.parquet") for name in ("observations", "policies")}
    with tempfile.TemporaryDirectory() as scratch:
        patterns = os.path.join(scratch, "patterns.csv")
        files |= {"patterns": patterns, "width": write_patterns(products, patterns)}
        print(json.dumps({name: measure(sql.format(**files), runs) for name, sql in QUERIES.items()}))


if __name__ == "__main__":
    main()
