"""The payment service: a row for each payment and each refund of all shops.

Times are compact and without a zone, on the market's clock; amounts are yuan with two decimals, refunds positive. An
order has the number that its shop's own feed gives it. From the day its schema evolves on a row says what the channel
costs. Payers have numbers of their own, and the phone number of their account in the shop as a hash, if there is one.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar

import numpy as np

from infra.simulator.wire.csv_rows import AMOUNT, CSV_DAMAGES, CsvFeed, compact_text
from infra.simulator.wire.damages import Damage, with_value
from infra.simulator.wire.identities import Names, Scrambler
from infra.simulator.wire.money import FEES_PER_10_000, fee_fen, yuan
from infra.simulator.wire.naming import Called
from infra.simulator.wire.record import IN_TIME, Content, Record
from infra.simulator.wire.references import SHOPS, References
from infra.simulator.wire.times import business_days
from infra.simulator.world.day import Column, Columns, Day
from infra.simulator.world.phenomena.payments import METHODS
from infra.simulator.world.streams import Streams
from infra.simulator.world.world import World

PAYMENT, REFUND = "events.payment", "events.refund"


class PaymentSdk(CsvFeed):
    """Payments, successful or not, and refunds."""

    name: ClassVar[str] = "payment_sdk"
    columns: ClassVar[tuple[str, ...]] = (
        "RECORD_TYPE",
        "TRANSACTION_NO",
        "MERCHANT_ORDER_NO",
        "PLATFORM",
        "PAYER_NO",
        "PAYER_PHONE_SHA256",
        "METHOD",
        "STATUS",
        AMOUNT,
        "REFUND_OF",
        "PAID_AT",
    )
    added: ClassVar[tuple[str, ...]] = ("CHANNEL_FEE_YUAN",)

    def __init__(self, world: World, evolves_on: date | None = None) -> None:
        super().__init__(world, evolves_on)
        self.references = References(world)
        self._names = {platform: Names(world, platform) for platform in SHOPS}
        self._payers = Streams(world.setting.seed).of("names", "payers").permutation(world.setting.people)
        self._payments, self._refunds = (Scrambler(world, self.name, kind) for kind in ("payment", "refund"))

    def records(self, day: Day) -> list[Record]:
        """Payments and refunds of a day, in the order of time."""
        found = [*self._paid(day), *self._paid_back(day)]
        return sorted(found, key=IN_TIME)

    def names(self) -> Iterator[Called]:
        """Truth: payers."""
        yield Called("payer", range(len(self._payers)), self._named(self._payers))

    def contradicted(self, record: Record) -> Record:
        """The same transaction over another amount."""
        return record._replace(content=record.content | {AMOUNT: f"1{record.content[AMOUNT]}"})

    def lost(self, record: Record, number: int) -> Content:
        """A transaction of which nothing but a broken row is known."""
        return record.content | {"TRANSACTION_NO": f"{record.id}L{number}"}

    def _paid(self, day: Day) -> Iterator[Record]:
        rows = day.tables["payment"]
        numbers = [f"T{number:016d}" for number in self._payments(rows["payment"]).tolist()]
        methods = [METHODS[method].upper() for method in rows["method"].tolist()]
        status = ["PAID" if paid else "FAILED" for paid in rows["paid"].tolist()]
        return self._records(day, "PAYMENT", rows, numbers, methods, status, [""] * len(numbers))

    def _paid_back(self, day: Day) -> Iterator[Record]:
        rows = day.tables["refund"]
        numbers = [f"R{number:016d}" for number in self._refunds(rows["refund"]).tolist()]
        paid = [f"T{number:016d}" for number in self._payments(rows["payment"]).tolist()]
        return self._records(day, "REFUND", rows, numbers, [""] * len(numbers), ["PAID"] * len(numbers), paid)

    def _records(
        self,
        day: Day,
        kind: str,
        rows: Columns,
        numbers: list[str],
        methods: list[str],
        status: list[str],
        refund_of: list[str],
    ) -> Iterator[Record]:
        """A record a row, a content a text for each column."""
        target, has_fee = PAYMENT if kind == "PAYMENT" else REFUND, self.has_evolved(day.date)
        # Neither refunds, which have no method, nor what failed cost anything.
        pairs = zip(methods, status, strict=True)
        rates = [FEES_PER_10_000.get(method, 0) if how == "PAID" else 0 for method, how in pairs]
        charged = fee_fen(rows["amount_fen"], np.array(rates, np.int64)).tolist()
        fees = [{"CHANNEL_FEE_YUAN": yuan(fen)} if has_fee else {} for fen in charged]
        columns = (
            numbers,
            self.references.orders(rows["order"], rows["platform"]),
            [SHOPS[platform] for platform in rows["platform"].tolist()],
            self._named(self._payers[rows["person"]]),
            self._phones(rows),
            methods,
            status,
            [yuan(amount) for amount in rows["amount_fen"].tolist()],
            refund_of,
            compact_text(rows["at_us"]),
        )
        at, days = rows["at_us"].tolist(), business_days(rows["at_us"])
        for index, texts in enumerate(zip(*columns, strict=True)):
            content = dict(zip(self.columns, (kind, *texts), strict=True)) | fees[index]
            yield Record(texts[0], days[index], at[index], target, content)

    def _named(self, payers: Column) -> list[str]:
        return [f"P{number:08d}" for number in payers.tolist()]

    def _phones(self, rows: Columns) -> list[str]:
        pairs = zip(rows["platform"].tolist(), rows["person"].tolist(), strict=True)
        return [self._names[platform].hints(person).get("phone", "") for platform, person in pairs]

    damages: ClassVar[Mapping[str, Damage]] = {
        **CSV_DAMAGES,
        "unknown_type": with_value("RECORD_TYPE", "CHARGEBACK"),
        "missing_id": with_value("TRANSACTION_NO", ""),
        "missing_order": with_value("MERCHANT_ORDER_NO", ""),
        "unknown_status": with_value("STATUS", "PERHAPS"),
        "invalid_time": with_value("PAID_AT", "20260230100000"),
        "before_first_day": with_value("PAID_AT", "19691231235959"),
        "too_far_in_future": with_value("PAID_AT", "21990101000000"),
    }
