"""What each orchestrated task calls: opens the application, makes one call, prints what came of it."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from infra.app import steps
from infra.app.app import App
from infra.app.cli import render, render_landing
from infra.app.error_rate import too_many_quarantined
from infra.app.errors import BadDataError, BrokenStepError, LateError, UnbuiltError
from infra.app.freshness import newly
from infra.app.kinds.landing_objects import OBJECTS
from infra.app.maintenance import maintain as maintain_all
from infra.app.notify import Notice, notify
from infra.app.pages import seconds_to_wait, write_run_pages
from infra.app.pull import pull as pull_source
from infra.app.settle import settle
from infra.app.status import status
from infra.app.survey import survey
from infra.loop.plan import Scope
from infra.loop.result import Outcome

MOVED = (Outcome.BUILT, Outcome.PUBLISHED)


@contextmanager
def _opened() -> Iterator[App]:
    app = App()
    try:
        yield app
    finally:
        app.close()


def pull(source: str) -> dict[str, int]:
    """Land what is complete in a source's inbox, and what its platform has, and register what landed.

    Returns how many pages were fetched, and how often the platform throttled or had to be asked again for them.
    Raises BadDataError for what is refused, UnreachableError or RefusedError where a platform does not answer as it
    should: what was landed before that is registered all the same.
    """
    with _opened() as app:
        pulled = pull_source(app, source)
        results = app.run([OBJECTS], alone=True)
    render_landing.pulled({source: pulled}, as_json=False)
    render.results(results, as_json=False)
    if failed := [result.detail for result in results if result.outcome is Outcome.FAILED]:
        raise BrokenStepError(f"{OBJECTS}: {'; '.join(failed)}")
    if pulled.refused:
        # The platform is asked again with the next ring; what was refused is said now or never.
        raise BadDataError("\n".join([*pulled.refused, *([str(pulled.error)] if pulled.error else [])]))
    if pulled.error:
        raise pulled.error
    fetched = pulled.fetched
    return {"pages": len(fetched.pages), "throttled": fetched.throttled, "tried_again": fetched.tried_again}


def build(names: Sequence[str], scope: Scope, *, dry_run: bool, last_try: bool) -> str | None:
    """Build what is due; the run's id, or None where nothing is due or only the plan was asked for.

    Raises BrokenStepError for what could not be built, unless this is the last try and anything else was.
    """
    with _opened() as app:
        if dry_run:
            render.forecasts(survey(app, names, scope), as_json=False)
            return None
        settle(app, names)
        report = steps.build(app, names, scope, last_try=last_try)
    render.results(report.results, as_json=False)
    return report.run if report.of(*MOVED) else None


def gate(names: Sequence[str], run: str) -> None:
    """Gate what a run built; once everything has been gated, raises BadDataError for what is held.

    Raises UnbuiltError for what the build had to leave out, which is said here so that it keeps back nothing else.
    """
    with _opened() as app:
        report = steps.gate(app, names, run)
        left_out = steps.unbuilt(app, run)
    render.results(report.results, as_json=False)
    steps.require_good(report)
    if left_out:
        raise UnbuiltError(f"could not be built: {'; '.join(left_out)}. The next run tries again.")


def publish(names: Sequence[str], run: str) -> list[str]:
    """Publish what passed; returns the names of what the run published, in whatever try."""
    with _opened() as app:
        report = steps.publish(app, names, run)
        notices = too_many_quarantined(app, report.results)
        before = steps.published_by(app, names, run)
    render.results(report.results, as_json=False)
    _tell_held(report)
    for notice in notices:
        notify(notice)
    return sorted({result.dataset for result in report.results if result.outcome is Outcome.PUBLISHED} | before)


def _tell_held(report: steps.Report) -> None:
    """Tell people of what was held when it had to be planned again: the task itself must succeed to ring others."""
    try:
        steps.require_good(report)
    except BadDataError as error:
        notify(Notice(f"{report.run}: held when it was planned again", str(error)))


def write_pages() -> None:
    """Bring the pages level with the runs, not sooner than a while after they were written last."""
    with _opened() as app:
        time.sleep(seconds_to_wait(app.settings.site_dir))
        write_run_pages(app, app.settings.site_dir)


def maintain() -> None:
    """Look after every table whose lock is free."""
    with _opened() as app:
        for done in maintain_all(app):
            render.out.print(done)


def check_freshness(since: datetime | None, until: datetime) -> None:
    """Raise LateError for what is late at `until`; people are told of what became so after the check at `since`."""
    with _opened() as app:
        found = [row.late for row in status(app, until) if row.late]
    for late in newly(found, since):
        notify(Notice(f"{late.dataset} is late", f"{late.why}. {late.remedy}"))
    if found:
        raise LateError("\n".join(f"{late.dataset}: {late.why}. {late.remedy}" for late in found))
