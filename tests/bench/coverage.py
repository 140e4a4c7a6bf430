"""How often an interval that says 95% holds the true rate where pictures are alike, and how wide it is.

    python -m tests.bench.coverage [--draws 1000]

Right answers are drawn for groups of pictures: each group has a rate of its own, from a beta distribution around the
true one, and the correlation says how far apart they lie (1: a group is right or wrong as a whole). Prints a table for
README.md, then what single pictures have, which nothing can better.
"""

import argparse

import numpy as np
from scipy.stats import binom

from tl_core.metrics import intervals

RATES = (0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.99)
CORRELATIONS = (0.0, 0.1, 0.5, 1.0)
DESIGNS = {
    "5 of 20": (20,) * 5,
    "10 of 10": (10,) * 10,
    "30 of 1 to 10": tuple(1 + number % 10 for number in range(30)),
    "100 of 2": (2,) * 100,
    "10 of 5, 50 single": (5,) * 10 + (1,) * 50,
}


def drawn(chance: np.random.Generator, sizes: tuple[int, ...], rate: float, correlation: float) -> list[int]:
    """Return the right answers in each group."""
    if correlation in (0, 1):
        own = np.full(len(sizes), rate) if correlation == 0 else chance.random(len(sizes)) < rate
    else:
        spread = 1 / correlation - 1
        own = chance.beta(rate * spread, (1 - rate) * spread, len(sizes))
    return chance.binomial(sizes, own).tolist()


def measured(sizes: tuple[int, ...], rate: float, correlation: float, draws: int) -> tuple[float, float]:
    """Return coverage and mean width."""
    chance, seen, ends = np.random.default_rng(0), {}, []
    for _ in range(draws):
        groups = sorted(zip(drawn(chance, sizes, rate, correlation), sizes, strict=True))
        key = tuple(groups)
        if key not in seen:
            right = np.concatenate([np.arange(size) < hits for hits, size in groups])
            seen[key] = intervals.share(right, np.repeat(np.arange(len(groups)), [size for _, size in groups])).interval
        ends.append(seen[key])
    low, high = np.array(ends).T
    return float(np.mean((low <= rate) & (rate <= high))), float(np.mean(high - low))


def single(n: int, rate: float) -> float:
    """Return the exact coverage of Wilson's interval."""
    ends = [intervals.rate_interval(right, n) for right in range(n + 1)]
    return float(sum(binom.pmf(right, n, rate) for right, (low, high) in enumerate(ends) if low <= rate <= high))


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    draws = parser.parse_args().draws
    print("| groups | correlation |", *(f"{rate:.0%} |" for rate in RATES), "mean |")
    print("|---" * (len(RATES) + 3) + "|")
    for name, sizes in DESIGNS.items():
        for correlation in CORRELATIONS:
            cells = [measured(sizes, rate, correlation, draws) for rate in RATES]
            mean = float(np.mean([coverage for coverage, _ in cells]))
            print(f"| {name} | {correlation:g} |", *(f"{a:.1%} ({b:.2f}) |" for a, b in cells), f"{mean:.1%} |")
    for n in (5, 10, 30, 100):
        print(f"| {n} single | |", *(f"{single(n, rate):.1%} |" for rate in RATES))


if __name__ == "__main__":
    main()
