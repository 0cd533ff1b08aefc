"""What the demo tells: three days, then one more with late, doubled, broken and corrected records."""

import hashlib
import json
import os
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from infra.app.cli import render
from infra.app.demo import tables
from infra.app.demo.breakdown import break_down
from infra.app.demo.system import System
from infra.app.pages import write_pages
from infra.app.pull import MANIFEST_SUFFIX
from infra.app.runs import PHASES, read_runs
from infra.simulator.ledger import read_ledger
from infra.simulator.retail_sample import RetailSample, write_export
from infra.simulator.shop_sample import ShopSample

FIRST_DAY = date(2026, 3, 2)
DAYS = [FIRST_DAY + timedelta(days=offset) for offset in range(4)]
RETAIL = "retail_export"
SHOP = "shop_plugin"


class Demo:
    """The story in steps; each prints what it does and what came of it."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.home = system.settings.root
        self.retail = RetailSample()
        self.shop = ShopSample()

    def tell(self) -> None:
        """The whole story."""
        self._three_days()
        self._one_more_day()
        self._look_around()

    def _three_days(self) -> None:
        tables.title("Two platforms deliver three days: CSV exports of a shop, CloudEvents of a community")
        for day in DAYS[:3]:
            self._write_day(day, broken=day == DAYS[1])
        self._carry()

    def _one_more_day(self) -> None:
        tables.title(
            f"A fourth day, with events of {DAYS[2]} that are late, lines of {DAYS[1]} that are later still, "
            f"and the export of {DAYS[2]} once more, corrected"
        )
        self._write_day(DAYS[3])
        self._write_late_lines(DAYS[1])
        self._write_correction(DAYS[2])
        self._carry()

    def _write_day(self, day: date, *, broken: bool = False) -> None:
        self.shop.deliver(day, self._outbox(SHOP), self._ledgers)
        self.retail.deliver(day, self._outbox(RETAIL), self._ledgers, broken=broken)

    def _write_late_lines(self, day: date) -> None:
        late = RetailSample(seed=8, invoices_a_day=2).lines(day)
        write_export(self._outbox(RETAIL) / "late.csv.gz", [(f"L{line[0]}", *line[1:]) for line in late])

    def _write_correction(self, day: date) -> None:
        """The export of a day with one price mended; its manifest says which object it takes the place of."""
        landed = self.system.app.landing.objects(RETAIL)
        wrong = next(item for item in landed if item.name.startswith(str(day)))
        lines = [(*line[:5], "7.45", *line[6:]) if line[1] == "1002" else line for line in self.retail.lines(day)]
        file = write_export(self._outbox(RETAIL) / f"{day}-corrected.csv.gz", lines)
        manifest = {
            "object": file.name,
            "lines": len(lines),
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "supersedes": [wrong.sha256],
        }
        file.with_name(file.name + MANIFEST_SUFFIX).write_text(json.dumps(manifest))

    def _carry(self) -> None:
        """Drop what the platforms wrote into the inboxes, and wait until events have carried it to the marts."""
        delivered_at = datetime.now(UTC)
        names = [name for source in (RETAIL, SHOP) for name in self._drop(source)]
        render.out.print(f"{len(names)} files dropped into {tables.shown(self.home / 'inbox')}: {', '.join(names)}")
        tasks = self.system.wait_until_level(delivered_at)
        runs = [run for run in read_runs(self.system.app) if run.ended_at >= delivered_at]
        phases = {phase: sum(run.seconds[phase] for run in runs) for phase in PHASES}
        tables.recomputed([part for run in runs for part in run.parts])
        tables.breakdown(break_down(delivered_at, tasks, phases))

    def _drop(self, source: str) -> list[str]:
        """Move files into an inbox whole, manifests first; returns the objects' names."""
        inbox = self.system.settings.inbox_dir / source
        inbox.mkdir(parents=True, exist_ok=True)
        files = sorted(self._outbox(source).iterdir(), key=lambda f: (not f.name.endswith(MANIFEST_SUFFIX), f.name))
        for file in files:
            os.replace(file, inbox / file.name)
        return [file.name for file in files if not file.name.endswith(MANIFEST_SUFFIX)]

    def _look_around(self) -> None:
        settings = self.system.settings
        tables.marts(settings.warehouse_file)
        told = Counter(str(entry.verdict) for file in self._ledgers.glob("*.jsonl") for entry in read_ledger(file))
        tables.balance(settings.warehouse_file, told)
        tables.where_to_look(self.home, write_pages(self.system.app, self.system.settings.site_dir))

    @property
    def _ledgers(self) -> Path:
        return self.home / "ledgers"

    def _outbox(self, source: str) -> Path:
        outbox = self.home / "outbox" / source
        outbox.mkdir(parents=True, exist_ok=True)
        return outbox
