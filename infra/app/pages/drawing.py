"""Draws the graph of the datasets as SVG. Pure: what each dataset reads and how it is go in, text comes out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Final

from infra.app.pages.graph import Graph, Slot, arrange, layer_of, neighbours

CHARACTER: Final = 8.0
"""Width of a monospaced character of 13 pixels, a little too wide rather than too narrow."""
MARGIN: Final = 14.0
BOX_HEIGHT: Final = 48.0
BETWEEN_BOXES: Final = 20.0
BETWEEN_LINES: Final = 16.0
BETWEEN_COLUMNS: Final = 56.0
HEADING: Final = 34.0
ALIGNMENTS: Final = 6


@dataclass(frozen=True)
class Node:
    """How a dataset is drawn: its state as the style sheet knows it, a caption, and its page if it has one."""

    state: str
    caption: str
    href: str | None = None


@dataclass(frozen=True)
class Box:
    """The rectangle of a slot, in pixels; `y` is its middle."""

    x: float
    y: float
    width: float

    @property
    def right(self) -> float:
        """Where lines leave."""
        return self.x + self.width


def draw(inputs: Mapping[str, Sequence[str]], nodes: Mapping[str, Node]) -> str:
    """The picture as one `<svg>` element without styles of its own; `inputs` are in reading order with the roots."""
    graph = arrange(inputs)
    boxes = place(graph, nodes)
    width = max((box.right for box in boxes.values()), default=0) + MARGIN
    height = max((box.y for box in boxes.values()), default=0) + BOX_HEIGHT / 2 + MARGIN
    parts = [
        f'<svg class="lineage" xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="group" aria-label="Datasets and what they read">',
        *_headings(graph, boxes),
        *(_path(line, boxes) for line in graph.lines),
        *(_box(slot.name, boxes[slot], nodes[slot.name]) for slot in boxes if not slot.reader),
        "</svg>",
    ]
    return "\n".join(parts)


def place(graph: Graph, nodes: Mapping[str, Node]) -> dict[Slot, Box]:
    """Where each slot lies; boxes of one column never overlap."""
    middles = _middles(graph)
    boxes: dict[Slot, Box] = {}
    x = MARGIN
    for column in graph.columns:
        width = max((_width(slot.name, nodes[slot.name]) for slot in column if not slot.reader), default=0.0)
        boxes.update({slot: Box(x, middles[slot], width) for slot in column})
        x += width + BETWEEN_COLUMNS
    return boxes


def short_name(name: str) -> str:
    """A dataset's name without its layer, which stands above the column."""
    return name.partition(".")[2] or name


def _width(name: str, node: Node) -> float:
    return 2 * MARGIN + CHARACTER * max(len(short_name(name)), len(node.caption))


def _middles(graph: Graph) -> dict[Slot, float]:
    """Heights: columns are stacked, then each slot moves towards its neighbours as far as the others let it."""
    middles = {slot: y for column in graph.columns for slot, y in _stacked(column).items()}
    before, after = neighbours(graph.lines)
    for turn in range(ALIGNMENTS):
        near = after if turn % 2 else before
        for column in reversed(graph.columns) if turn % 2 else graph.columns:
            wanted = [_mean([middles[n] for n in near.get(slot, ())], middles[slot]) for slot in column]
            middles.update(zip(column, _apart(column, wanted), strict=True))
    top = min(middles.values(), default=0.0)
    return {slot: y - top + HEADING + BOX_HEIGHT / 2 for slot, y in middles.items()}


def _stacked(column: Sequence[Slot]) -> dict[Slot, float]:
    heights = _apart(column, [0.0] * len(column))
    return dict(zip(column, heights, strict=True))


def _apart(column: Sequence[Slot], wanted: Sequence[float]) -> list[float]:
    """The wanted heights, moved down where slots would meet, and all of them up again by what that was on average."""
    heights: list[float] = []
    for index, height in enumerate(wanted):
        least = heights[-1] + _distance(column[index - 1], column[index]) if heights else height
        heights.append(max(height, least))
    moved = _mean([height - want for height, want in zip(heights, wanted, strict=True)], 0.0)
    return [height - moved for height in heights]


def _distance(upper: Slot, lower: Slot) -> float:
    sizes = [0.0 if slot.reader else BOX_HEIGHT for slot in (upper, lower)]
    return sum(sizes) / 2 + (BETWEEN_LINES if upper.reader and lower.reader else BETWEEN_BOXES)


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _headings(graph: Graph, boxes: Mapping[Slot, Box]) -> Iterable[str]:
    """The name of each layer above its first column."""
    named: set[str] = set()
    for column in graph.columns:
        for layer in (layer_of(slot.name) for slot in column if not slot.reader):
            if layer not in named:
                named.add(layer)
                yield f'<text class="layer" x="{boxes[column[0]].x:.1f}" y="16">{escape(layer)}</text>'


def _path(line: Sequence[Slot], boxes: Mapping[Slot, Box]) -> str:
    start = boxes[line[0]]
    steps = [f"M{start.right:.1f} {start.y:.1f}"]
    for here, there in pairwise(boxes[slot] for slot in line):
        middle = (here.right + there.x) / 2
        steps.append(f"C{middle:.1f} {here.y:.1f} {middle:.1f} {there.y:.1f} {there.x:.1f} {there.y:.1f}")
        steps.append(f"H{there.right:.1f}" if there is not boxes[line[-1]] else "")
    return f'<path class="reads" d="{"".join(steps)}"/>'


def _box(name: str, box: Box, node: Node) -> str:
    top = box.y - BOX_HEIGHT / 2
    label = escape(f"{name}: {node.caption}")
    drawn = (
        f'<g class="node {escape(node.state)}"><title>{label}</title>'
        f'<rect x="{box.x:.1f}" y="{top:.1f}" width="{box.width:.1f}" height="{BOX_HEIGHT:.0f}" rx="6"/>'
        f'<rect class="edge" x="{box.x:.1f}" y="{top + 8:.1f}" width="4" height="{BOX_HEIGHT - 16:.0f}"/>'
        f'<text class="name" x="{box.x + MARGIN:.1f}" y="{top + 20:.1f}">{escape(short_name(name))}</text>'
        f'<text class="caption" x="{box.x + MARGIN:.1f}" y="{top + 38:.1f}">{escape(node.caption)}</text></g>'
    )
    return f'<a href="{escape(node.href)}">{drawn}</a>' if node.href else drawn
