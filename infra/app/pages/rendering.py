"""Templates: HTML from facts, with everything escaped and nothing left undefined."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from infra.app.escaped import escaped
from infra.app.explain import due_reasons, in_ranges, left_reasons
from infra.app.runs import bar

TEMPLATES: Final = Path(__file__).parent / "templates"
LONGEST_WHOLE: Final = 32
"""Characters of a range that is never broken; a longer one holds an object's name, which may be of any length."""


@dataclass(frozen=True)
class Site:
    """What every page says and may link to: the home, the moment, the names that have pages."""

    home: str
    written_at: datetime
    datasets: frozenset[str]
    gated: frozenset[str]
    runs: frozenset[str]
    has_dbt_docs: bool


class Renderer:
    """Renders pages of one site; `page` is its path within the site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(site=site, bar=bar, due_reasons=due_reasons, left_reasons=left_reasons)
        self.environment.filters.update(
            utc=utc,
            ranges=ranges,
            seconds=seconds,
            count=count,
            percent=percent,
            slug=slug,
            short=short,
            told=told,
            escaped=escaped,
        )

    def render(self, template: str, page: str, context: Mapping[str, Any]) -> str:
        """One page as text."""
        return self.environment.get_template(template).render(context, root="../" * page.count("/"), page=page)


def utc(moment: datetime | None) -> Markup:
    """A moment as an element that people and programs can read."""
    if moment is None:
        return Markup("–")
    at = moment.astimezone(UTC)
    shown = f"{at:%Y-%m-%d %H:%M:%S}"
    return Markup('<time datetime="{}">{} UTC</time>').format(f"{shown.replace(' ', 'T')}Z", shown)


def ranges(partitions: Iterable[str], most: int = 6) -> Markup:
    """Partitions as ranges that may be broken between, but not within, two days."""
    text = in_ranges(partitions, most)
    whole = Markup('<span class="range">{}</span>')
    return Markup(", ").join(whole.format(part) if len(part) <= LONGEST_WHOLE else part for part in text.split(", "))


def told(text: str) -> Markup:
    """Words in which commands stand between backticks."""
    plain, *rest = text.split("`")
    pieces = [escape(plain)]
    for index, piece in enumerate(rest):
        pieces.append(Markup("<code>{}</code>").format(piece) if index % 2 == 0 else escape(piece))
    return Markup("").join(pieces)


def seconds(spent: float) -> str:
    """A duration, as exact as it is interesting."""
    if spent < 60:
        return f"{spent:.1f} s" if spent >= 0.05 else "< 0.1 s"
    minutes, rest = divmod(round(spent), 60)
    return f"{minutes} min {rest} s"


def count(number: int | None) -> str:
    """A number with its thousands set apart; a dash for none."""
    return "–" if number is None else f"{number:,}"


def percent(share: float) -> str:
    """A share; all and nothing are only said of what is exactly that."""
    return f"{share:.0%}" if share in {0.0, 1.0} else f"{min(max(share, 0.001), 0.999):.1%}"


def slug(text: str) -> str:
    """A state or class as a name in the style sheet."""
    return "".join(letter if letter.isalnum() else "-" for letter in text.lower())


def short(version: str | None) -> str:
    """The end of a version, in which two versions differ; all of it stands in the title."""
    return "–" if version is None else version if len(version) <= 8 else f"…{version[-6:]}"
