"""What the landing store holds of one source, and what of it counts."""

from collections import defaultdict
from collections.abc import Iterable

from infra.lake.receipt import LandedObject


class Known:
    """What the store holds of one source, kept up to date while files are landed one after another."""

    def __init__(self, objects: Iterable[LandedObject]) -> None:
        self._by_name: dict[str, set[str]] = defaultdict(set)
        self._supersedes: dict[str, set[str]] = defaultdict(set)
        self._superseded: set[str] = set()
        for item in objects:
            self.add(item)

    def add(self, item: LandedObject) -> None:
        """Take in one object, or what is newly said of it."""
        self._by_name[item.name].add(item.sha256)
        self._supersedes[item.sha256].update(item.supersedes)
        self._superseded.update(item.supersedes)

    def replaced_by(self, supersedes: Iterable[str]) -> set[str]:
        """These and everything that they supersede in their turn."""
        replaced, queue = set(supersedes), list(supersedes)
        while queue:
            further = self._supersedes.get(queue.pop(), set()) - replaced
            replaced |= further
            queue.extend(further)
        return replaced

    def has_rival(self, item: LandedObject) -> bool:
        """Whether other bytes of its name count, and so does it."""
        rivals = self._by_name[item.name] - {item.sha256} - set(item.supersedes) - self._superseded
        return bool(rivals) and item.sha256 not in self._superseded
