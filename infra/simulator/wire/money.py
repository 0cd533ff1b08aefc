"""Money as platforms write it: whole fen inside, hundredths of a yuan."""

from typing import Final

from infra.simulator.world.day import Column

FEES_PER_10_000: Final = {"WALLET": 38, "CARD": 60, "CREDIT": 80}
"""What the channel of a payment takes of it, by method."""


def fee_fen(amount_fen: Column, per_10_000: Column) -> Column:
    """The fees of some amounts, the rest cut off."""
    return amount_fen * per_10_000 // 10_000


def yuan(fen: int) -> str:
    """An amount in yuan with two decimals."""
    whole, part = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{part:02d}"
