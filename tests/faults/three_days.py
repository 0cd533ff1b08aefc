"""Three days of a shop's exports, and what they come to: where nothing goes wrong, and so wherever something does."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from infra.app.app import App
from infra.app.warehouse import query
from infra.loop.result import Outcome, Result
from tests.support.home import deliver, hashes
from tests.support.oracle import BALANCE, Place, check_same_tables
from tests.support.retail_sample import RetailSample

RAW, EVENTS, FEATURE = "raw.retail_export", "events.order_line", "features.user_value"
DATASETS = (RAW, EVENTS, FEATURE, BALANCE)
DAYS = (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4))
SHOP = RetailSample(customers=10, invoices_a_day=5)
HEADER_LINES = 1


def land(app: App, folder: Path, *days: date) -> None:
    """Deliver the export of each day."""
    for day in days:
        deliver(app, folder, f"{day}.csv.gz", SHOP.lines(day))


def ledger() -> dict[Place, str]:
    """The fate of each record: a line that the shop exported twice is good once."""
    told: dict[Place, str] = {}
    for day in DAYS:
        seen = set[tuple[str, ...]]()
        for number, line in enumerate(SHOP.lines(day), start=1 + HEADER_LINES):
            told[f"{day}.csv.gz", number] = "duplicate" if line in seen else "good"
            seen.add(line)
    return told


def outcomes(results: Iterable[Result]) -> dict[str, Outcome]:
    """What came of each dataset."""
    return {result.dataset: result.outcome for result in results}


def check_made_good(app: App, undisturbed: Mapping[str, str]) -> None:
    """Published tables and the analysts' file are those of the run that nothing disturbed."""
    check_same_tables(hashes(app, DATASETS), undisturbed)
    assert shown_days(app) == len(DAYS)


def shown_days(app: App) -> int:
    """How many exports the analysts' file has a balance of that closes."""
    sql = f"select count(*)::integer from {BALANCE} where source = 'retail_export' and balanced"
    ((count,),) = query(app.settings.warehouse_file, sql)[1]
    assert isinstance(count, int)
    return count
