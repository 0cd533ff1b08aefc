"""Money as platforms write it: whole fen inside, hundredths of a yuan."""


def yuan(fen: int) -> str:
    """An amount in yuan with two decimals."""
    whole, part = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{part:02d}"
