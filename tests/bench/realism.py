"""How the world's distributions compare with those of public data: Kolmogorov-Smirnov distances, and pictures."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy.stats import ks_2samp

from tests.bench.pictures import Panel, draw
from tests.bench.realism_real import real
from tests.bench.realism_rules import Sample
from tests.bench.realism_world import LONG, WIDE, made_up
from tests.bench.report import keep, show

DATASETS: Final = Path(__file__).resolve().parents[3] / "shared" / "datasets"
NEAR: Final = 0.15
LINEAR: Final = {"rating", "group is filled", "line is returned", "basket has a return", "hired of a pair"}
"""What is drawn by its cumulated share; all else by the share that is larger, on logarithmic axes."""


@dataclass(frozen=True)
class Pair:
    """One distribution on both sides; `distance` is the largest between the two cumulated shares, ties taken whole."""

    data: str
    what: str
    real_count: int
    real_mean: float
    real_median: float
    world_count: int
    world_mean: float
    world_median: float
    distance: float


def realism(pictures: Path, wide: tuple[int, int] = WIDE, long: tuple[int, int] = LONG) -> None:
    """Hold the world against every data set that is there, print the table and draw a picture for each data set."""
    found = real(DATASETS)
    if not found:
        print(f"\nrealism: skipped, as there are no public data sets in {DATASETS}")
        return
    world = made_up(wide, long)
    pairs = []
    for data, samples in found.items():
        pairs += [_pair(data, what, sample, world[data][what]) for what, sample in samples.items()]
        panels = [Panel(what, samples[what], world[data][what], log=what not in LINEAR) for what in samples]
        draw(pictures / f"{data}.svg", data, panels)
    rows = [_row(pair) for pair in pairs]
    header = ["pair", "real n", "mean", "median", "world n", "mean", "median", "KS", ""]
    show(f"realism: world of {wide[0]:,} people, {wide[1]} days; purchases {long[0]:,}, {long[1]} days", header, rows)
    print(f"pictures: {pictures}")
    keep("realism", {"people": wide[0], "days": wide[1]}, {"pairs": [asdict(pair) for pair in pairs]})


def _pair(data: str, what: str, real_sample: Sample, world_sample: Sample) -> Pair:
    # The statistic alone: with samples this large every difference would be significant. It compares the cumulated
    # shares at every value that occurs, so values that occur often are no trouble, only a p-value would be wrong.
    distance = float(ks_2samp(real_sample, world_sample, method="asymp").statistic)
    return Pair(data, what, *_about(real_sample), *_about(world_sample), round(distance, 3))


def _about(sample: Sample) -> tuple[int, float, float]:
    return len(sample), round(float(np.mean(sample)), 3), round(float(np.median(sample)), 3)


def _row(pair: Pair) -> list[Any]:
    name = f"{pair.data}: {pair.what}"
    sides = [pair.real_count, pair.real_mean, pair.real_median, pair.world_count, pair.world_mean, pair.world_median]
    return [name, *sides, f"{pair.distance:.3f}", "near" if pair.distance <= NEAR else "apart"]
