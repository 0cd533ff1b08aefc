"""The landing store: immutable objects as delivered, addressed by content, and the archive of every source.

<source>/<sha256>/<name>              the bytes, never rewritten
<source>/<sha256>/<name>.landed.json  the receipt, written last: an object without it does not exist yet

Where that is, a folder or a bucket, only its `ObjectStore` knows.
"""

import hashlib
import logging
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import uuid4

from infra.lake.known import Known
from infra.lake.local_store import UNFINISHED_SUFFIX, LocalStore
from infra.lake.object_name import LandingError, checked_name
from infra.lake.object_store import DamagedError, ObjectStore, StoreError
from infra.lake.receipt import RECEIPT_SUFFIX, SHA256, LandedObject, ObjectKey
from infra.lake.settings import Settings

__all__ = [
    "DamagedError",
    "Known",
    "Landed",
    "Landing",
    "LandingError",
    "StillWrittenError",
    "checked_name",
    "is_complete",
]

log = logging.getLogger("guanxi.landing")
RECEIPT_TRIES = 20
PAUSE_SECONDS = 0.05


class StillWrittenError(LandingError):
    """An object changed while it was landed: its sender has not finished."""


@dataclass(frozen=True)
class Landed:
    """What landing one file did: the object, and whether it was new."""

    object: LandedObject
    is_new: bool
    same_name_other_bytes: bool


class Landing:
    """The landing store of a home: in the bucket that its settings name, else in a folder."""

    def __init__(self, settings: Settings, store: ObjectStore | None = None) -> None:
        self.store = store or _store_of(settings)
        self.copies = settings.copies_dir

    def objects(self, source: str | None = None) -> list[LandedObject]:
        """Every landed object, of one source or of all, in a fixed order.

        Raises StoreError for a receipt that is not that of its place.
        """
        receipts = self.store.read_all(f"{source}/" if source else "", RECEIPT_SUFFIX)
        keyed = ((self._key(name), receipt) for name, receipt in receipts)
        found = (LandedObject.of(key, receipt, self.store.place(key.stored)) for key, receipt in keyed if key)
        return sorted(found, key=lambda item: (item.source, item.key))

    def names(self, source: str) -> list[tuple[str, str]]:
        """Name and SHA-256 of every object of a source, in order; no receipt is read."""
        receipts = (name for name in self.store.names(f"{source}/") if name.endswith(RECEIPT_SUFFIX))
        return sorted((key.name, key.sha256) for key in map(self._key, receipts) if key)

    def version(self) -> str:
        """Name of the present listing: it moves when an object arrives or gains a supersession."""
        digest = hashlib.sha256()
        for item in self.objects():
            digest.update(f"{item.source}\n{item.key}\n{' '.join(item.supersedes)}\n".encode())
        return digest.hexdigest()[:32]

    def file(self, source: str, key: str) -> Path:
        """A file of this machine with the bytes of an object (`LandedObject.key`), or a copy of them.

        Raises DamagedError where they are not those that were landed.
        """
        name, sha256 = f"{source}/{key}", key.partition("/")[0]
        file = self.store.local(name)
        if file is not None:
            self._refuse_damaged(name, file, sha256)
            return file
        copy = self.copies / sha256
        if not copy.is_file() or _sha256(copy) != sha256:
            with self._temporary() as temporary:
                self.store.download(name, temporary)
                self._refuse_damaged(name, temporary, sha256)
                os.replace(temporary, copy)
        os.utime(copy)  # in use: maintenance removes what nobody has used for long
        return copy

    def land(
        self,
        source: str,
        file: Path,
        supersedes: tuple[str, ...] = (),
        known: Known | None = None,
        *,
        is_ours: bool = False,
    ) -> Landed:
        """Copy a file into the store; the same bytes under the same name are landed once however often they come.

        `known`: what the store holds of the source, where many files are landed one after another; is kept up to date.
        `is_ours`: nobody else knows of the file, so it is taken and not copied.
        """
        if not file.is_file():
            raise LandingError(f"{file}: there is no such file. Name an existing file.")
        name, (sha256, size_bytes) = checked_name(file), _measured(file)
        _refuse_unknown_form(supersedes, file)
        known = Known(self.objects(source)) if known is None else known
        _refuse_supersession_cycle(known, sha256, supersedes, file)
        stored = f"{source}/{sha256}/{name}"
        if self.store.read(stored + RECEIPT_SUFFIX) is None:
            if is_ours:
                self.store.put_file(stored, file)
            else:
                self._copy_in(file, sha256, stored)
        now, place = datetime.now(UTC), self.store.place(stored)
        said = LandedObject(source, name, sha256, size_bytes, now, tuple(sorted(supersedes)), place)
        landed, is_new = self._register(stored, said)
        known.add(landed)
        return Landed(landed, is_new, is_new and known.has_rival(landed))

    def _key(self, receipt: str) -> ObjectKey | None:
        key = ObjectKey.of_receipt(receipt)
        if key is None:
            _say_stray(self.store.place(receipt))
        return key

    def _copy_in(self, file: Path, sha256: str, stored: str) -> None:
        with self._temporary() as copy:
            shutil.copyfile(file, copy)
            if _sha256(copy) != sha256:
                raise StillWrittenError(f"{file}: the file changed while it was copied. Land it once it is complete.")
            # Its name and its time tell the doorbell that it is the object which was delivered.
            shutil.copystat(file, copy)
            self.store.put_file(stored, copy)

    def _register(self, stored: str, said: LandedObject) -> tuple[LandedObject, bool]:
        """Write the receipt if there is none, else add what is newly said; returns what it says then, and if it is new.

        Of those who do it at once each takes in what the others have said.
        """
        name = stored + RECEIPT_SUFFIX
        for attempt in range(RECEIPT_TRIES):
            time.sleep(attempt * PAUSE_SECONDS)
            receipt = self.store.read(name)
            if receipt is None:
                if self.store.put(name, said.receipt()):
                    return said, True
                continue
            present = LandedObject.of(ObjectKey(said.source, said.sha256, said.name), receipt, said.path)
            union = tuple(sorted({*present.supersedes, *said.supersedes}))
            if union == present.supersedes:
                # The very same moment: it is our own, and the answer that it was written was lost.
                return present, present.received_at == said.received_at
            if self.store.put(name, replace(present, supersedes=union).receipt(), replaces=receipt):
                self.store.touch(stored)  # something new is said of it: let the doorbell hear
                return replace(present, supersedes=union), False
        raise StoreError(f"{self.store.place(name)}: others write it all the time. Land the file again.")

    def _refuse_damaged(self, name: str, file: Path, sha256: str) -> None:
        found = _sha256(file) if file.is_file() else "that of nothing"
        if found != sha256:
            place = self.store.place(name)
            raise DamagedError(
                f"{place}: these are not the bytes that were landed, their SHA-256 is {found}. Restore them from a "
                f"copy; or remove them and their receipt (the same name and {RECEIPT_SUFFIX}), and have them delivered "
                "again."
            )

    @contextmanager
    def _temporary(self) -> Iterator[Path]:
        self.copies.mkdir(parents=True, exist_ok=True)
        temporary = self.copies / f".{uuid4().hex}{UNFINISHED_SUFFIX}"
        try:
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)


def _store_of(settings: Settings) -> ObjectStore:
    if settings.landing_url is None:
        return LocalStore(settings.landing_dir)
    from infra.lake.s3_store import s3_store  # boto3 takes long to load

    memory = settings.work_dir / "receipts"
    return s3_store(settings.landing_url, settings.landing_endpoint, settings.landing_region, memory)


@cache
def _say_stray(place: str) -> None:
    """Once in a process: the store is listed again and again."""
    log.warning("%a: no receipt lies at such a place. It is passed over: remove it.", place)


def is_complete(name: str) -> bool:
    """Whether a name in an inbox is that of a file which has been written whole."""
    return not (name.startswith(".") or name.endswith(UNFINISHED_SUFFIX))


def _refuse_unknown_form(supersedes: tuple[str, ...], file: Path) -> None:
    for sha256 in supersedes:
        if not SHA256.fullmatch(sha256):
            raise LandingError(
                f"{file.name}: what it supersedes is named by a whole SHA-256 of 64 hexadecimal digits, "
                f"not {sha256!r}. `guanxi land` prints it; `sha256sum` of the wrong file gives it too."
            )


def _refuse_supersession_cycle(known: Known, sha256: str, supersedes: tuple[str, ...], file: Path) -> None:
    if sha256 in known.replaced_by(supersedes):
        raise LandingError(
            f"{file.name}: an object cannot supersede itself, nor one that supersedes it ({sha256}). "
            "Land a corrected file with other bytes and let that supersede both."
        )


def _sha256(file: Path) -> str:
    return _measured(file)[0]


def _measured(file: Path) -> tuple[str, int]:
    """SHA-256 of a file, and the number of the bytes that it is of."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest(), opened.tell()
