"""`make demo`: a small shop's deliveries through the whole loop, then late and corrected records, with reasons."""

import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.app.app import App
from infra.app.cli import render, render_details
from infra.app.survey import survey
from infra.app.warehouse import query
from infra.lake.settings import Settings
from infra.simulator.retail_sample import RetailSample, write_export

FIRST_DAY = date(2026, 3, 2)
SOURCE = "retail_export"


class Demo:
    """The story in steps; each prints what it does and what came of it."""

    def __init__(self, app: App, folder: Path) -> None:
        self.app = app
        self.folder = folder
        self.shop = RetailSample()

    def tell(self) -> None:
        """The whole story."""
        self._on_time()
        self._late_and_corrected()
        self._nothing_moved()
        self._look_around()

    def _on_time(self) -> None:
        _title("Six days are delivered on time, one with two broken lines")
        for day in _days(6):
            broken = self.shop.broken_lines(day) if day == _days(6)[3] else []
            self._land(f"{day}.csv.gz", self.shop.lines(day) + broken)
        self._run()

    def _late_and_corrected(self) -> None:
        late_day, wrong_day = _days(6)[1], _days(6)[4]
        _title(f"A seventh day comes; so do late lines of {late_day}, and {wrong_day} once more, corrected")
        self._land(f"{_days(7)[-1]}.csv.gz", self.shop.lines(_days(7)[-1]))
        late = RetailSample(seed=8, invoices_a_day=2)
        self._land("late.csv.gz", [(f"L{line[0]}", *line[1:]) for line in late.lines(late_day)])
        wrong = next(item for item in self.app.landing.objects(SOURCE) if item.name == f"{wrong_day}.csv.gz")
        corrected = [
            (*line[:5], "7.45", *line[6:]) if line[1] == "1002" else line for line in self.shop.lines(wrong_day)
        ]
        self._land(f"{wrong_day}-corrected.csv.gz", corrected, [wrong.sha256])
        render.out.print("[dim]$ guanxi plan[/]")
        render.forecasts(survey(self.app), as_json=False)
        self._run()

    def _nothing_moved(self) -> None:
        _title("Once more: nothing moved, so nothing is done")
        self._run()

    def _look_around(self) -> None:
        for title, sql in {
            "Growth by day (marts.growth_daily)": "select * from marts.growth_daily order by day, source, currency",
            "Where every delivered record went (marts.source_balance)": (
                "select object_name, received, good, quarantined, duplicates, superseded, conflicts, "
                "superseded_object, balanced from marts.source_balance order by object_name"
            ),
        }.items():
            _title(title)
            columns, rows = query(self.app.settings.warehouse_file, sql)
            render_details.rows(columns, rows, as_json=False)
        _title("Where to look")
        home = self.app.settings.root
        shown = home.relative_to(Path.cwd()) if home.is_relative_to(Path.cwd()) else home
        render.out.print(f"marts as a DuckDB file   {shown / 'warehouse.duckdb'}")
        render.out.print(f"every table (Iceberg)    {shown / 'lake'}")
        for command in ("status", "lineage marts.growth_daily", "show features.user_value", "docs"):
            render.out.print(f"[dim]$ GUANXI_HOME={shown} .venv/bin/guanxi {command}[/]")

    def _land(self, name: str, lines: list[tuple[str, ...]], supersedes: Sequence[str] = ()) -> None:
        file = write_export(self.folder / name, lines)
        render.landed([self.app.land(SOURCE, file, supersedes)], as_json=False)

    def _run(self) -> None:
        render.out.print("[dim]$ guanxi run[/]")
        with render.progress(len(self.app.datasets.all), quiet=False) as listener:
            results = self.app.run(listener=listener)
        render.results(results, as_json=False)


def _days(count: int) -> list[date]:
    return [FIRST_DAY + timedelta(days=offset) for offset in range(count)]


def _title(text: str) -> None:
    render.out.print()
    render.out.rule(f"[bold]{text}[/]", align="left")


def main() -> None:
    """Run the demo in a home of its own, made anew each time."""
    home = Settings().root / "demo"
    shutil.rmtree(home, ignore_errors=True)
    app = App(Settings(home=home))
    with TemporaryDirectory() as folder:
        try:
            Demo(app, Path(folder)).tell()
        finally:
            app.close()


if __name__ == "__main__":
    main()
