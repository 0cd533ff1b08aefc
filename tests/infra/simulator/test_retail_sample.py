import csv
import gzip
import io
from datetime import date
from pathlib import Path

from infra.simulator.ledger import read_ledger
from infra.simulator.retail_sample import RetailSample

DAY = date(2026, 3, 2)
SHOP = RetailSample(customers=10, invoices_a_day=20)


def test_the_ledger_says_of_every_row_what_should_become_of_it(tmp_path: Path) -> None:
    (export,) = SHOP.deliver(DAY, tmp_path / "files", tmp_path / "ledger", broken=True)

    entries = read_ledger(tmp_path / "ledger" / f"retail-{DAY}.ledger.jsonl")
    rows = list(csv.reader(io.StringIO(gzip.decompress(export.read_bytes()).decode())))
    assert [entry.line for entry in entries] == list(range(2, len(rows) + 1))
    good = {entry.id: rows[entry.line - 1] for entry in entries if entry.verdict == "good"}
    assert good == {"|".join(line): list(line) for line in SHOP.lines(DAY)}
    assert len([entry for entry in entries if entry.verdict == "duplicate"]) == len(SHOP.lines(DAY)) - len(good)
    assert [entry.reason for entry in entries if entry.verdict == "quarantined"] == ["invalid_quantity", "invalid_time"]


def test_the_same_seed_and_day_give_the_same_bytes(tmp_path: Path) -> None:
    first, again = (SHOP.deliver(DAY, tmp_path / name, tmp_path / f"{name}-ledger")[0] for name in ("one", "two"))

    assert first.read_bytes() == again.read_bytes()
