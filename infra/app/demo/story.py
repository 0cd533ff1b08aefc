"""What the demo tells: three days, then one more with late, doubled, revised, broken and corrected records."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from infra.app.airflow_api import TaskRun
from infra.app.cli import render
from infra.app.declared import units
from infra.app.demo import tables
from infra.app.demo.breakdown import break_down
from infra.app.demo.correction import write_correction
from infra.app.demo.platforms import DAYS, FAULTS, LEFT_OUT, PEOPLE, Platforms
from infra.app.demo.system import System
from infra.app.pages import write_pages
from infra.app.runs import PHASES, read_runs
from infra.lake.receipt import LandedObject

PAYMENTS = "payment_sdk"


class Demo:
    """The story in steps; each prints what it does and what came of it."""

    def __init__(self, system: System, platforms: Platforms) -> None:
        self.system = system
        self.platforms = platforms
        self.home = system.settings.root
        # What platforms have to tell is taken in where there is a contract.
        dropped = {path.name for path in platforms.folder.glob("deliveries/*/*")} - LEFT_OUT
        written = dropped | set(platforms.asked)
        self.sources = {name: one for name, one in system.app.datasets.sources.items() if name in written}

    def tell(self) -> None:
        """The whole story."""
        self._three_days()
        self._one_more_day()
        self._look_around()

    def _three_days(self) -> None:
        asked, dropped = (", ".join(names) for names in (self.platforms.asked, self._dropped()))
        tables.title(f"{PEOPLE:,} people: {asked} answer over HTTP, {dropped} drop files")
        faults = f"{FAULTS.server_errors:.0%} of requests fail, {FAULTS.resets:.0%} are cut off"
        limit = f"{FAULTS.burst} at once and {FAULTS.requests_a_minute:.0f} a minute are let through"
        render.out.print(f"[dim]The interfaces at {self.platforms.address}: {faults}, {limit}.[/]")
        delivered_at = datetime.now(UTC)
        for day in DAYS[:3]:
            self._deliver(day.isoformat(), self.platforms.drop(day, list(self.sources), self.system.settings.inbox_dir))
            self.platforms.release(day)
        self._carry(delivered_at)

    def _one_more_day(self) -> None:
        tables.title(f"One more day, {DAYS[3]}, all that was late, and an export of payments of {DAYS[2]} corrected")
        delivered_at = datetime.now(UTC)
        inboxes = self.system.settings.inbox_dir
        for day in self.platforms.arrival_days[3:]:
            self._deliver(day.isoformat(), self.platforms.drop(day, list(self.sources), inboxes))
        wrong = self._to_be_corrected()
        render.out.print(f"{'corrected':12}{wrong.name}: {write_correction(wrong, inboxes / PAYMENTS)}")
        self.platforms.release(self.platforms.arrival_days[-1])
        self._carry(delivered_at)

    def _to_be_corrected(self) -> LandedObject:
        """The largest export of the third day that came once: a correction takes the place of its copies too."""
        landed = self.system.app.landing.objects(PAYMENTS)
        times = Counter(item.sha256 for item in landed)
        once = [item for item in landed if str(DAYS[2]) in item.name and times[item.sha256] == 1]
        return max(once, key=lambda item: item.size_bytes)

    def _dropped(self) -> list[str]:
        """The sources that files are dropped for."""
        return sorted(self.sources.keys() - set(self.platforms.asked))

    def _deliver(self, day: str, names: list[str]) -> None:
        """Say what was dropped on a day."""
        count = Counter(name.split("/")[0] for name in names)
        words = ", ".join(f"{objects} of {source}" for source, objects in sorted(count.items()))
        render.out.print(f"{day:12}objects dropped: {words or 'none'}")

    def _carry(self, delivered_at: datetime) -> None:
        """Wait until events have carried what was delivered to the marts."""
        tasks = self.system.wait_until_level(delivered_at)
        runs = [run for run in read_runs(self.system.app) if run.ended_at >= delivered_at]
        phases = {phase: sum(run.seconds[phase] for run in runs) for phase in PHASES}
        tables.recomputed([part for run in runs for part in run.parts])
        # Nobody who waits for a mart waits for the pages, or for what looks after the house.
        carrying = {unit.name for unit in units()}
        tables.breakdown(break_down(delivered_at, [task for task in tasks if task.dag in carrying], phases))
        tables.fetched(self._fetched(tasks))

    def _fetched(self, tasks: Sequence[TaskRun]) -> dict[str, Counter[str]]:
        """What the pulls among some tasks brought from each API, and what they met on the way."""
        counts: dict[str, Counter[str]] = {f"source_{name}": Counter() for name in self.system.settings.api}
        for task in tasks:
            if task.task == "pull" and task.dag in counts:
                counts[task.dag].update(self.system.airflow.returned(task) or {})
        return {dag.removeprefix("source_"): one for dag, one in counts.items()}

    def _look_around(self) -> None:
        settings = self.system.settings
        tables.marts(settings.warehouse_file)
        tables.balance(settings.warehouse_file, self.platforms.told(self.sources))
        tables.where_to_look(self.home, write_pages(self.system.app, settings.site_dir))
