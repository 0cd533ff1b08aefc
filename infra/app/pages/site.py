"""Which pages there are and what each one is made from."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from markupsafe import Markup

from infra.app.app import App
from infra.app.pages import folder
from infra.app.pages.balance import FATES, SOURCE_BALANCE
from infra.app.pages.drawing import Node, draw
from infra.app.pages.facts import DatasetFacts, Facts, read_facts
from infra.app.pages.gates import Numbered, check_histories, failed_first, latest
from infra.app.pages.lateness import COUNTS, HOURS
from infra.app.pages.names import is_dataset, is_run
from infra.app.pages.rendering import TEMPLATES, Renderer, Site
from infra.app.runs import PHASES
from infra.app.status import DatasetStatus
from infra.lake.locks import table_locks

LOCK: Final = "pages"
DBT_DOCS: Final = "dbt/index.html"
DBT_TRACKER: Final = "//d1fc8wv8zag5ca.cloudfront.net/2.9.0/sp.js"
"""Script that dbt's page would load from another host if it were told to count its visitors; it is not."""
INDEX: Final = "index.html"
STYLE: Final = "style.css"
APART_SECONDS: Final = 30
RUNS_OF_A_DATASET: Final = 10
VERDICTS_OF_A_DATASET: Final = 50
VERDICTS_SHOWN: Final = 200


def write_pages(app: App, out: Path) -> Path:
    """Write every page into a folder and return the index file; what an earlier call wrote is replaced."""
    with table_locks(app.settings, [LOCK]):
        docs = _dbt_docs(app)
        folder.put(out, {DBT_DOCS: docs, **_run_pages(read_facts(app), has_dbt_docs=True)})
    return out / INDEX


def write_run_pages(app: App, out: Path) -> Path:
    """Write every page that a run may change, which is all but dbt's docs, and return the index file."""
    with table_locks(app.settings, [LOCK]):
        has_dbt_docs = (out / DBT_DOCS).is_file()
        folder.put(out, _run_pages(read_facts(app), has_dbt_docs), keep=[DBT_DOCS])
    return out / INDEX


def seconds_to_wait(out: Path) -> float:
    """How long until the pages may be written again: where runs end one upon another, one writing shows several."""
    try:
        seconds_ago = time.time() - (out / INDEX).stat().st_mtime
    except FileNotFoundError:
        return 0
    return APART_SECONDS - seconds_ago if 0 <= seconds_ago <= APART_SECONDS else 0


def _dbt_docs(app: App) -> str:
    with TemporaryDirectory() as written:
        app.datasets.dbt.docs(Path(written))
        return (Path(written) / "index.html").read_text(encoding="utf-8").replace(DBT_TRACKER, "data:,")


def _run_pages(facts: Facts, has_dbt_docs: bool) -> dict[str, str]:
    """Pages by path: those that others link to come before those that link to them."""
    renderer = Renderer(_site(facts, has_dbt_docs))
    pages = {STYLE: (TEMPLATES / STYLE).read_text(encoding="utf-8")}
    for template, page, context in (*_details(facts, renderer.site), *_overviews(facts)):
        pages[page] = renderer.render(template, page, context)
    return pages


def _site(facts: Facts, has_dbt_docs: bool) -> Site:
    return Site(
        home=facts.home,
        written_at=facts.written_at,
        datasets=frozenset(filter(is_dataset, [*facts.datasets, *facts.beside])),
        gated=frozenset(name for name in {v.verdict.dataset for v in facts.verdicts} if is_dataset(name)),
        runs=frozenset(run.id for run in facts.runs if is_run(run.id)),
        has_dbt_docs=has_dbt_docs,
    )


Page = tuple[str, str, Mapping[str, Any]]


def _details(facts: Facts, site: Site) -> Iterable[Page]:
    """A page for each run, each gate and each dataset."""
    for run in facts.runs:
        if run.id in site.runs:
            verdicts = failed_first(v for v in reversed(facts.verdicts) if v.verdict.run == run.id)
            yield "run.html", f"runs/{run.id}.html", {"run": run, "verdicts": verdicts, "phases": PHASES}
    for name in sorted(site.gated):
        about = [v for v in facts.verdicts if v.verdict.dataset == name]
        yield "gate.html", f"gates/{name}.html", _gate(name, about)
    for name in sorted(site.datasets):
        yield "dataset.html", f"datasets/{name}.html", _dataset(facts, name)


def _gate(name: str, verdicts: Sequence[Numbered]) -> dict[str, Any]:
    newest = verdicts[:VERDICTS_OF_A_DATASET]
    return {
        "name": name,
        "verdicts": failed_first(newest),
        "histories": check_histories(newest),
        "older": len(verdicts) - len(newest),
    }


def _dataset(facts: Facts, name: str) -> dict[str, Any]:
    parts = [(run, part) for run in facts.runs for part in run.parts if part.dataset == name and not part.is_idle]
    found = facts.datasets.get(name)
    return {
        "entry": found.entry if found else facts.beside[name],
        "dataset": found,
        "parts": parts[:RUNS_OF_A_DATASET],
        "verdicts": [v for v in facts.verdicts if v.verdict.dataset == name][:RUNS_OF_A_DATASET],
    }


def _overviews(facts: Facts) -> Iterable[Page]:
    """The pages of the navigation, the index last: all that it links to is there by then."""
    balance = {"balance": facts.balance, "fates": FATES, "is_held": _is_held(facts, SOURCE_BALANCE)}
    lateness = {"lateness": facts.lateness, "counts": COUNTS, "hours": HOURS}
    yield "balance.html", "balance.html", balance | lateness
    yield "quarantine.html", "quarantine.html", {"quarantine": facts.quarantine}
    yield "runs.html", "runs.html", {"runs": facts.runs, "older": facts.older_runs, "phases": PHASES}
    shown = failed_first(facts.verdicts[:VERDICTS_SHOWN])
    gates = {"latest": latest(facts.verdicts), "verdicts": shown, "older": len(facts.verdicts) - len(shown)}
    yield "gates.html", "gates.html", gates
    yield "lineage.html", "lineage.html", {"facts": facts, "picture": Markup(_picture(facts))}  # noqa: S704 - escaped
    yield "index.html", INDEX, _index(facts)


def _is_held(facts: Facts, name: str) -> bool:
    return name in facts.datasets and facts.datasets[name].status.state == "held"


def _index(facts: Facts) -> dict[str, Any]:
    layers: dict[str, list[DatasetFacts]] = {}
    for found in facts.datasets.values():
        layers.setdefault(found.entry.layer, []).append(found)
    return {
        "facts": facts,
        "alarms": _alarms(facts.datasets.values()),
        "layers": layers,
        "latest_run": next((run for run in facts.runs if not all(part.is_idle for part in run.parts)), None),
    }


def is_alarming(status: DatasetStatus) -> bool:
    """Whether people should look at a dataset."""
    return bool(status.state in {"failed", "held"} or status.late or status.left_alone)


def _alarms(datasets: Iterable[DatasetFacts]) -> list[DatasetFacts]:
    """What failed or is held, then what is late for another reason."""
    alarming = [found for found in datasets if is_alarming(found.status)]
    return sorted(alarming, key=lambda found: ("failed", "held", found.status.state).index(found.status.state))


def _picture(facts: Facts) -> str:
    nodes = {name: Node("root", "") for name in facts.inputs}
    for name, found in facts.datasets.items():
        due = len(found.forecast.plan.build)
        caption = found.status.state + (f", {due} due" if due else "")
        href = f"datasets/{name}.html" if is_dataset(name) else None
        nodes[name] = Node(found.status.state.replace(" ", "-"), caption, href)
    return draw(facts.inputs, nodes)
