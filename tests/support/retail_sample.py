"""A small made-up shop that exports its order lines daily, with the dirt that real exports have."""

import csv
import gzip
import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
PRODUCTS = (
    ("1001", "TEA TOWEL, BLUE STRIPES", "2.55"),
    ("1002", "CAST IRON TRIVET", "7.95"),
    ("1003", 'GLASS JAR 1L "CLIP TOP"', "3.25"),
    ("1004", "PAPER LANTERN", "1.25"),
    ("1005", "OAK CHOPPING BOARD", "12.50"),
    ("1006", "BEESWAX CANDLES, SET OF 6", "5.45"),
    ("1007", "ENAMEL MUG", "4.15"),
    ("1008", "WOOL THROW", "29.95"),
    ("POST", "POSTAGE", "3.50"),
)
COUNTRIES = ("United Kingdom", "United Kingdom", "United Kingdom", "France", "Germany")
Line = tuple[str, ...]


@dataclass(frozen=True)
class RetailSample:
    """The shop: the same seed and day give the same export, whatever else was asked before."""

    seed: int = 7
    customers: int = 120
    invoices_a_day: int = 60

    def lines(self, day: date) -> list[Line]:
        """One day's order lines: some without a customer, some cancelled, some exported twice."""
        dice = random.Random(f"{self.seed}/{day}")
        lines = [line for number in range(self.invoices_a_day) for line in self._invoice(dice, day, number)]
        return lines + dice.sample(lines, k=max(1, len(lines) // 50))

    def deliver(self, day: date, folder: Path) -> list[Path]:
        """Write the export of a day; returns it alone."""
        folder.mkdir(parents=True, exist_ok=True)
        return [write_export(folder / f"{day}.csv.gz", self.lines(day))]

    def _invoice(self, dice: random.Random, day: date, number: int) -> Iterator[Line]:
        order_id = f"{(day - date(2020, 1, 1)).days:05d}{number:03d}"
        # A few customers come often, most rarely.
        customer = str(10_000 + int(self.customers * dice.random() ** 2)) + ".0" if dice.random() > 0.15 else ""
        ordered_at = datetime.combine(day, time(8)) + timedelta(seconds=dice.randrange(36_000))
        country = dice.choice(COUNTRIES)
        cancelled = dice.random() < 0.06
        for product_id, name, price in dice.sample(PRODUCTS, k=dice.randint(1, 5)):
            quantity = dice.randint(1, 12)
            yield (
                f"C{order_id}" if cancelled else order_id,
                product_id,
                name if dice.random() > 0.02 else "",
                str(-quantity if cancelled else quantity),
                f"{ordered_at:%Y-%m-%d %H:%M:%S}",
                price,
                customer,
                country,
            )


def write_export(path: Path, lines: list[Line]) -> Path:
    """Write lines as the gzipped CSV the shop exports; the bytes depend on the lines alone."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(lines)
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
    return path
