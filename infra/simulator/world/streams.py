"""Random numbers by name: every phenomenon and day has a stream of its own, so one that is changed moves no other."""

import hashlib

import numpy as np


class Streams:
    """The streams of one seed; the same key gives the same numbers, whatever was drawn before."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def of(self, *key: object) -> np.random.Generator:
        """The stream of a key, such as a phenomenon's name and a day."""
        text = "/".join(str(part) for part in (self.seed, *key))
        digest = hashlib.sha256(text.encode()).digest()
        # Named, as the default generator of numpy may become another one.
        return np.random.Generator(np.random.Philox(key=int.from_bytes(digest[:16], "big")))
