"""The payment service: what it pays out to merchants, a row for each merchant of a shop, early on the next day.

Same form as its payments. AMOUNT_YUAN is what was paid for the merchant's products less what was paid back and the fee;
below zero where more was paid back. Fees are those of the payments, shared among the lines of their orders to the fen.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar, Final

import numpy as np

from infra.simulator.wire.csv_rows import AMOUNT, CSV_DAMAGES, CsvFeed, compact_text
from infra.simulator.wire.damages import Damage, with_value
from infra.simulator.wire.identities import Scrambler
from infra.simulator.wire.merchants import Merchants
from infra.simulator.wire.money import FEES_PER_10_000, fee_fen, yuan
from infra.simulator.wire.naming import Called
from infra.simulator.wire.record import Content, Record
from infra.simulator.wire.references import SHOPS
from infra.simulator.wire.times import business_days
from infra.simulator.world.day import HOUR, Column, Columns, Day, Postponed, chosen, joined
from infra.simulator.world.phenomena.payments import METHODS
from infra.simulator.world.world import World

PLATFORMS_AT_MOST: Final = 8
A_FEN: Final = Decimal("0.01")
RATES: Final = np.array([FEES_PER_10_000[method.upper()] for method in METHODS], np.int64)


class PaymentSettlements(CsvFeed):
    """Settlements of the day before."""

    name: ClassVar[str] = "payment_settlements"
    columns: ClassVar[tuple[str, ...]] = (
        "SETTLEMENT_NO",
        "PLATFORM",
        "MERCHANT_NO",
        "GROSS_YUAN",
        "REFUNDED_YUAN",
        "FEE_YUAN",
        AMOUNT,
        "SETTLED_AT",
    )

    def __init__(self, world: World, evolves_on: date | None = None) -> None:
        super().__init__(world, evolves_on)
        self._merchants = Merchants(world)
        self._ids, self._open = Scrambler(world, self.name), Postponed()

    def records(self, day: Day) -> list[Record]:
        """What was paid and paid back before the day began, and is not settled yet."""
        yesterday = Day(day.number - 1, day.date - timedelta(days=1))
        due = self._open.due(yesterday, joined(self._paid(day), self._paid_back(day)))
        shops = due["merchant"].astype(np.int64) * PLATFORMS_AT_MOST + due["platform"]
        keys, place = np.unique(shops, return_inverse=True)
        gross, refunded = (self._sums((due["fen"] * sign).clip(0), place, len(keys)) for sign in (1, -1))
        fee = self._sums(due["fee"], place, len(keys))
        at_us = np.full(len(keys), day.begin_us + 2 * HOUR, np.int64)
        texts = zip(
            [f"S{number:016d}" for number in self._ids(day.identities(len(keys))).tolist()],
            [SHOPS[key % PLATFORMS_AT_MOST] for key in keys.tolist()],
            self._merchants.called(keys // PLATFORMS_AT_MOST),
            *([yuan(fen) for fen in column.tolist()] for column in (gross, refunded, fee, gross - refunded - fee)),
            compact_text(at_us),
            strict=True,
        )
        days = business_days(at_us)
        contents = [dict(zip(self.columns, row, strict=True)) for row in texts]
        found = [
            Record(content["SETTLEMENT_NO"], event_day, at, "events.settlement", content)
            for content, event_day, at in zip(contents, days, at_us.tolist(), strict=True)
        ]
        return sorted(found, key=lambda record: record.id)

    def names(self) -> Iterator[Called]:
        """Truth: merchants."""
        everybody = np.arange(self._merchants.count)
        yield Called("merchant", everybody.tolist(), self._merchants.called(everybody))

    def contradicted(self, record: Record) -> Record:
        """The same settlement over a fen more."""
        more = {name: str(Decimal(record.content[name]) + A_FEN) for name in ("GROSS_YUAN", AMOUNT)}
        return record._replace(content=record.content | more)

    def lost(self, record: Record, number: int) -> Content:
        """A settlement of which nothing but a broken row is known."""
        return record.content | {"SETTLEMENT_NO": f"{record.id}L{number}"}

    def _paid(self, day: Day) -> Columns:
        """Lines of orders that were paid, at the moment they were."""
        payments, lines = day.tables["payment"], day.tables["order_line"]
        payments = chosen(payments, np.searchsorted(payments["order"], lines["order"]))
        fen = lines["unit_price_fen"] * lines["quantity"]
        fee = shared_fees(lines["order"], fen, RATES[payments["method"]])
        return chosen(self._flow(payments, lines["product"], fen, fee), payments["paid"])

    def _paid_back(self, day: Day) -> Columns:
        refunds = day.tables["refund"]
        fen = -refunds["amount_fen"]
        return self._flow(refunds, refunds["product"], fen, np.zeros_like(fen))

    def _flow(self, rows: Columns, product: Column, fen: Column, fee: Column) -> Columns:
        merchant = self._merchants.of(product)
        return {"platform": rows["platform"], "at_us": rows["at_us"], "merchant": merchant, "fen": fen, "fee": fee}

    @staticmethod
    def _sums(fen: Column, place: Column, count: int) -> Column:
        sums = np.zeros(count, np.int64)
        np.add.at(sums, place, fen)
        return sums

    # Few, as each comes at least once a day and there are not many merchants in a small world.
    damages: ClassVar[Mapping[str, Damage]] = {
        "wrong_field_count": CSV_DAMAGES["wrong_field_count"],
        "invalid_amount": CSV_DAMAGES["invalid_amount"],
        "missing_id": with_value("SETTLEMENT_NO", ""),
        "wrong_sum": with_value("GROSS_YUAN", "99999999999.99"),
        "invalid_time": with_value("SETTLED_AT", "20260230020000"),
    }


def shared_fees(orders: Column, fen: Column, per_10_000: Column) -> Column:
    """The fee of each order's payment, shared among its lines: what it is up to a line less what it is before it."""
    by_order = np.argsort(orders, kind="stable")
    amounts, rates, of_order = fen[by_order], per_10_000[by_order], orders[by_order]
    up_to = np.cumsum(amounts)
    _, first, order = np.unique(of_order, return_index=True, return_inverse=True)
    up_to -= (up_to - amounts)[first][order]
    shared = np.empty_like(fen)
    shared[by_order] = fee_fen(up_to, rates) - fee_fen(up_to - amounts, rates)
    return shared
