"""What became of one dataset in one run."""

from dataclasses import dataclass, field
from enum import StrEnum

from infra.lake.errors import GuanxiError
from infra.loop.plan import Partition, Plan


class Outcome(StrEnum):
    """What came of one dataset in one run."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    HELD = "held"
    WAITS = "waits"
    FAILED = "failed"
    OUT_OF_DATE = "out_of_date"
    BUILT = "built"
    GATED = "gated"


STOPS_READERS = frozenset({Outcome.HELD, Outcome.WAITS, Outcome.FAILED, Outcome.OUT_OF_DATE})


@dataclass
class Result:
    """What one run did to one dataset; `committed` are the partitions whose rows really changed."""

    dataset: str
    outcome: Outcome = Outcome.UNCHANGED
    plan: Plan | None = None
    snapshot_id: int | None = None
    committed: tuple[Partition, ...] = ()
    detail: str = ""
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def is_partly_held(self) -> bool:
        """Whether the gate let it go on without the rows of some source."""
        return self.outcome in {Outcome.GATED, Outcome.PUBLISHED} and bool(self.detail)

    @property
    def is_idle(self) -> bool:
        """Whether nothing was done and nothing was to be done."""
        return self.outcome is Outcome.UNCHANGED and not self.detail

    def out_of_date(self) -> None:
        """Nothing was published: what it was built from or on is no longer what is published."""
        self.outcome, self.detail = Outcome.OUT_OF_DATE, "the published version moved during the run"
        self.committed, self.snapshot_id = (), None


def in_words(error: BaseException) -> str:
    """What is kept of an error: an engine's message may quote rows, only our own is made not to."""
    return str(error) if isinstance(error, GuanxiError) else f"{type(error).__name__} (its traceback is in the log)"
