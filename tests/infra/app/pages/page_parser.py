"""Reads pages the strict way: every element closed, every link and every address kept."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
ADDRESSES = frozenset({"src", "href", "srcset", "action", "data", "poster", "xlink:href"})


@dataclass
class Page(HTMLParser):
    """One parsed page; `mistakes` are tags that do not close what is open."""

    path: Path
    addresses: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(self.path.read_text())
        self.close()
        self.mistakes += [f"<{tag}> is never closed" for tag in self.open]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self._keep(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self._keep(attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.mistakes.append(f"</{tag}> at {self.getpos()} closes {self.open[-1:] or 'nothing'}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def _keep(self, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ADDRESSES]
        self.ids += [value or "" for name, value in attrs if name == "id"]


def broken_links(pages: dict[Path, Page]) -> list[str]:
    """Links of one site that lead to no file, or to no place within it."""
    broken = []
    for path, page in pages.items():
        for address in page.addresses:
            file, _, place = address.partition("#")
            target = (path.parent / file).resolve() if file else path
            if address.startswith("data:") or (target.name == "index.html" and target.parent.name == "dbt"):
                continue
            if not target.is_file() or (place and place not in pages[target].ids):
                broken.append(f"{path.name}: {address}")
    return broken
