"""Exports of a large made-up shop, made column-wise; the same size, seed and day give the same rows."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from tests.support.retail_sample import COLUMNS

FIRST_DAY = date(2026, 3, 2)
PRODUCTS = 4_000
COUNTRIES = np.array(["United Kingdom", "United Kingdom", "United Kingdom", "France", "Germany"])
NOUNS = np.array(["MUG", "TEA TOWEL", "LANTERN", 'JAR "CLIP TOP"', "CANDLES, SET OF 6", "THROW", "TRIVET", "BOARD"])
STYLES = np.array(["BLUE", "OAK", "ENAMEL", "PAPER", "CAST IRON", "VINTAGE", "GLASS", "WOOL"])
DUPLICATES = 0.02


@dataclass(frozen=True)
class Shop:
    """A shop with a number of order lines a day, 2 % of them exported twice."""

    rows_a_day: int
    seed: int = 7

    @property
    def customers(self) -> int:
        """How many accounts there are; a few of them come often, most rarely."""
        return max(10, self.rows_a_day * 2 // 3)

    def lines(self, day: date) -> pa.Table:
        """The order lines of a day: one to five an invoice, some without customer, cancelled, or exact copies."""
        dice = np.random.default_rng([self.seed, day.toordinal()])
        copies = int(self.rows_a_day * DUPLICATES)
        rows = self.rows_a_day - copies
        invoice, line = _invoices(dice, rows)
        count = int(invoice[-1]) + 1
        product = (dice.integers(PRODUCTS, size=count)[invoice] + line * 37) % PRODUCTS
        cancelled = (dice.random(count) < 0.06)[invoice]
        quantity = dice.integers(1, 13, size=rows) * np.where(cancelled, -1, 1)
        account = 10_000 + (self.customers * dice.random(count) ** 2).astype(np.int64)
        guest = dice.random(count) < 0.15
        start = np.datetime64(datetime.combine(day, time(8)), "s")
        ordered_at = start + dice.integers(36_000, size=count).astype("timedelta64[s]")
        number = np.char.mod(f"{(day - date(2020, 1, 1)).days:05d}%06d", np.arange(count))
        names = _product_names()[product]
        columns = [
            pa.array(np.where(cancelled, np.char.add("C", number[invoice]), number[invoice])),
            pa.array(np.char.mod("%d", 10_000 + product)),
            pa.array(names, mask=dice.random(rows) < 0.02),
            pa.array(quantity),
            pa.array(np.char.replace(np.datetime_as_string(ordered_at), "T", " ")[invoice]),
            pa.array(np.char.mod("%.2f", 0.5 + (product * 7 % 2_990) / 100)),
            pa.array(np.char.mod("%d.0", account)[invoice], mask=guest[invoice]),
            pa.array(dice.choice(COUNTRIES, size=count)[invoice]),
        ]
        order = np.concatenate([np.arange(rows), dice.choice(rows, size=copies, replace=False)])
        return pa.Table.from_arrays(columns, names=list(COLUMNS)).take(pa.array(order))

    def export(self, day: date, folder: Path) -> Path:
        """Write a day's lines as the gzipped CSV the shop exports."""
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{day}.csv.gz"
        with duckdb.connect() as connection:
            connection.register("lines", self.lines(day))
            connection.execute(f"copy lines to '{file}' (format csv, header, compression gzip)")
        return file


def days(count: int) -> list[date]:
    """The first days of the shop."""
    return [FIRST_DAY + timedelta(days=offset) for offset in range(count)]


def _invoices(dice: np.random.Generator, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """For each line the number of its invoice and its place in it."""
    sizes = dice.integers(1, 6, size=rows)
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    invoice = np.repeat(np.arange(rows), sizes)[:rows]
    return invoice, np.arange(rows) - starts[invoice]


def _product_names() -> np.ndarray:
    numbers = np.arange(PRODUCTS)
    words = np.char.add(np.char.add(STYLES[numbers % 8], " "), NOUNS[numbers // 8 % 8])
    return np.char.add(words, np.char.mod(" NO %d", numbers // 64))
