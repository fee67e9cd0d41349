#!/usr/bin/env python3
"""Prints the results of bench/scaling.sh as Markdown tables: scaling_table.py FOLDER CORES.

"limited by" names the phase of an epoch that takes longest beyond its share of the time on one core (strong scaling:
that time over the cores), as a part of the epoch; on one core the longest phase.
"""
import glob
import json
import re
import statistics
import sys
from collections import defaultdict

PHASES = {
    "dense": "products",
    "edges": "gathering rows",
    "exchange": "exchange",
    "exact_sums": "sums",
    "wait": "imbalance",
    "other": "other",
}


def middle(runs, value):
    return statistics.median(value(run) for run in runs)


def phases(runs):
    return {p: middle(runs, lambda run, p=p: run["summary"]["phase_seconds"].get(p) or 0) for p in PHASES}


def limit(runs, alone, share):
    """The phase that costs most beyond `share` of its time alone."""
    mine, before = phases(runs), phases(alone)
    excess = {p: mine[p] - (0 if runs is alone else before[p] * share) for p in PHASES}
    worst = max(excess, key=excess.get)
    return f"{PHASES[worst]}, {100 * excess[worst] / seconds(runs):.0f} %"


def seconds(runs):
    return middle(runs, lambda run: run["summary"]["seconds_per_epoch"])


def exposed(run):
    summary = run["summary"]
    return 100 * (summary.get("exchange_exposed_seconds") or 0) / summary["seconds_per_epoch"]


def imbalance(run):
    return (run["summary"].get("slowest_rank") or {}).get("busy_over_mean") or 1


def print_runs(scaling, groups):
    print(f"\n| {scaling} scaling | ranks x threads | s per epoch | speed-up | exposed exchange, % "
          "| busiest rank | limited by | runs |\n|---|---|---|---|---|---|---|---|")
    for (kind, ranks, threads), runs in groups.items():
        alone, cores = groups.get((kind, 1, 1)), ranks * threads
        if alone is None:
            continue
        strong = scaling == "strong"
        gain = seconds(alone) / seconds(runs) * (1 if strong else cores)
        print(f"| {kind} | {ranks} x {threads} | {seconds(runs):.4g} | {gain:.2f} | {middle(runs, exposed):.0f} "
              f"| {middle(runs, imbalance):.2f} | {limit(runs, alone, 1 / cores if strong else 1)} | {len(runs)} |")


def print_machine(folder):
    print("| threads | triad, GB/s | gather of 64 numbers, GB/s of rows | products, GFLOP/s |\n|---|---|---|---|")
    for path in sorted(glob.glob(f"{folder}/roofline-*"), key=lambda path: int(path.rsplit("-", 1)[1])):
        text = open(path).read()
        triad = re.search(r"^\| a = b.*\| ([\d.]+) \|$", text, re.M)
        gather = re.search(r"^\| 64 \| [^|]* \| [^|]* \| ([\d.]+) \|", text, re.M)
        product = re.search(r"^\| \d+ x \d+ times .* \| ([\d.]+) \| \d+ \|$", text, re.M)
        print(f"| {path.rsplit('-', 1)[1]} | {triad.group(1)} | {gather.group(1)} | {product.group(1)} |")


def main():
    folder = sys.argv[1]
    groups = {"strong": defaultdict(list), "weak": defaultdict(list)}
    for line in open(f"{folder}/runs"):
        run = json.loads(line)
        groups[run["scaling"]][run["kind"], run["ranks"], run["threads"]].append(run)
    print_machine(folder)
    for scaling, found in groups.items():
        print_runs(scaling, dict(found))


if __name__ == "__main__":
    main()
