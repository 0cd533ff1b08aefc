"""A small home with a held delivery, and its pages as they were written."""

import json
from dataclasses import dataclass
from pathlib import Path

from infra.app.app import App
from infra.app.pull import pull
from tests.infra.app.pages.page_parser import Page
from tests.support.home import order_line

ODD_NAME = "<script>alert(1)<-script>.csv.gz"
LONG_NAME = f"export_of_a_platform_with_long_names_{'part-0000-' * 8}2026-03-02.csv.gz"
ABSURD = order_line(invoice="509999", at="2026-03-03 10:00:00", price="99999999.99", customer="77123.0")
# Not read: its customer is no number as the export has them.
UNREAD = order_line(invoice="508888", customer="77123.00")


@dataclass
class Written:
    """A home, the folder of its pages, and the pages by path."""

    app: App
    out: Path
    pages: dict[Path, Page]

    def page(self, name: str) -> Page:
        return self.pages[(self.out / name).resolve()]


def parse(out: Path) -> dict[Path, Page]:
    ours = [file for file in out.rglob("*.html") if file.parent.name != "dbt"]
    return {file.resolve(): Page(file) for file in ours}


def refuse(app: App) -> None:
    """Have an object refused whose manifest is about another."""
    inbox = app.settings.inbox_dir / "retail_export"
    inbox.mkdir(parents=True)
    (inbox / ODD_NAME).write_text("x\n")
    said = {"object": "b.csv", "lines": 1, "sha256": "0" * 64}
    (inbox / f"{ODD_NAME}.manifest.json").write_text(json.dumps(said))
    pull(app, "retail_export")
