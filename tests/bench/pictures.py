"""Pictures of two samples on the same axes; they hold curves of few points, and no single value of the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.realism_rules import Sample

POINTS = 60
IN_A_ROW = 3
FEWEST = 10
"""A curve ends where fewer values than this are left, so that it says nothing of a single one."""
COLOURS = {"real": "#3b6ea5", "world": "#c8553d"}


@dataclass(frozen=True)
class Panel:
    """One pair of distributions; heavy tails on logarithmic axes."""

    what: str
    real: Sample
    world: Sample
    log: bool


def draw(file: Path, title: str, panels: Sequence[Panel]) -> None:
    """Write one picture with the panels side by side; the same samples give the same bytes."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": title, "svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif"})
    from matplotlib import pyplot as plt

    columns = min(IN_A_ROW, len(panels))
    rows = -(-len(panels) // columns)
    size = (3.4 * columns, 2.9 * rows)
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    figure.suptitle(title)
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    for panel, axis in zip(panels, axes.flat, strict=False):
        _panel(axis, panel)
    axes[0][0].legend(frameon=False)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def _panel(axis: Any, panel: Panel) -> None:
    for name, sample in {"real": panel.real, "world": panel.world}.items():
        style = {"color": COLOURS[name], "label": name, "linewidth": 1.5}
        if panel.log:
            axis.loglog(*_larger(sample), drawstyle="steps-pre", **style)
        else:
            values, counts = np.unique(np.asarray(sample, float), return_counts=True)
            shift, width = (-0.2, 0.4) if name == "real" else (0.2, 0.4)
            axis.bar(values + shift, counts / len(sample), width, color=COLOURS[name], label=name)
            axis.set_xticks(values)
    axis.set_title(panel.what, fontsize=9)
    axis.set_ylabel("share at least as large" if panel.log else "share")
    axis.spines[["top", "right"]].set_visible(False)


def _larger(sample: Sample) -> tuple[Sample, Sample]:
    """Values and the share of values at least as large, at a few points."""
    ordered = np.sort(np.asarray(sample, float))
    ordered = ordered[ordered > 0]
    values = np.unique(ordered)
    if len(values) > POINTS:
        values = np.geomspace(values[0], values[-1], POINTS)
    larger = len(ordered) - np.searchsorted(ordered, values, side="left")
    enough = larger >= FEWEST
    return values[enough], larger[enough] / len(sample)
