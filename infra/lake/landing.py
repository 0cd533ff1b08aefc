"""The landing store: immutable objects as delivered, addressed by content, and the archive of every source.

landing/<source>/<sha256>/<name>              the bytes, never rewritten
landing/<source>/<sha256>/<name>.landed.json  written last, so an object without it does not exist yet
"""

import hashlib
import json
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from infra.lake.errors import GuanxiError
from infra.lake.settings import Settings

RECEIPT_SUFFIX = ".landed.json"
UNFINISHED_SUFFIX = ".part"
SHA256 = re.compile(r"[0-9a-f]{64}")


class LandingError(GuanxiError):
    """An object cannot be landed as asked."""


class StillWrittenError(LandingError):
    """An object changed while it was landed: its sender has not finished."""


@dataclass(frozen=True)
class LandedObject:
    """One object version as the landing store holds it."""

    source: str
    name: str
    sha256: str
    size_bytes: int
    received_at: datetime
    supersedes: tuple[str, ...]
    path: str

    @property
    def key(self) -> str:
        """Identity of the object version within its source: content first, then name."""
        return f"{self.sha256}/{self.name}"


@dataclass(frozen=True)
class Landed:
    """What landing one file did: the object, and whether it was new."""

    object: LandedObject
    is_new: bool
    same_name_other_bytes: bool


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


class Landing:
    """The landing store on a local folder."""

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.landing_dir

    def objects(self, source: str | None = None) -> list[LandedObject]:
        """Every landed object, of one source or of all, in a fixed order."""
        pattern = f"{source or '*'}/*/*{RECEIPT_SUFFIX}"
        return sorted((_read_receipt(path) for path in self.folder.glob(pattern)), key=lambda o: (o.source, o.key))

    def version(self) -> str:
        """Name of the present listing: it moves when an object arrives or gains a supersession."""
        digest = hashlib.sha256()
        for item in self.objects():
            digest.update(f"{item.source}\n{item.key}\n{' '.join(item.supersedes)}\n".encode())
        return digest.hexdigest()[:32]

    def land(self, source: str, file: Path, supersedes: tuple[str, ...] = (), known: Known | None = None) -> Landed:
        """Copy a file into the store; the same bytes under the same name are landed once however often they come.

        `known`: what the store holds of the source, where many files are landed one after another; is kept up to date.
        """
        name, sha256 = _checked_name(file), _sha256(file)
        _refuse_unknown_form(supersedes, file)
        known = Known(self.objects(source)) if known is None else known
        _refuse_supersession_cycle(known, sha256, supersedes, file)
        folder = self.folder / source / sha256
        receipt = folder / (name + RECEIPT_SUFFIX)
        if receipt.exists():
            widened = self._widen(receipt, supersedes)
            known.add(widened)
            return Landed(widened, is_new=False, same_name_other_bytes=False)
        folder.mkdir(parents=True, exist_ok=True)
        with _written_whole(folder / name) as temporary:
            shutil.copyfile(file, temporary)
            if _sha256(temporary) != sha256:
                raise StillWrittenError(f"{file}: the file changed while it was copied. Land it once it is complete.")
            # Its name and its time tell the doorbell that it is the object which was delivered.
            shutil.copystat(file, temporary)
        landed = LandedObject(
            source, name, sha256, file.stat().st_size, datetime.now(UTC), tuple(sorted(supersedes)), str(folder / name)
        )
        _write_receipt(receipt, landed)
        known.add(landed)
        return Landed(landed, is_new=True, same_name_other_bytes=known.has_rival(landed))

    def _widen(self, receipt: Path, supersedes: tuple[str, ...]) -> LandedObject:
        landed = _read_receipt(receipt)
        union = tuple(sorted({*landed.supersedes, *supersedes}))
        if union != landed.supersedes:
            landed = LandedObject(**{**asdict(landed), "supersedes": union})
            _write_receipt(receipt, landed)
            os.utime(landed.path)  # something new is said of it: let the doorbell hear
        return landed


def is_complete(name: str) -> bool:
    """Whether a name in an inbox is that of a file which has been written whole."""
    return not (name.startswith(".") or name.endswith(UNFINISHED_SUFFIX))


def _checked_name(file: Path) -> str:
    if not file.is_file():
        raise LandingError(f"{file}: there is no such file. Name an existing file.")
    if file.name.endswith(RECEIPT_SUFFIX):
        raise LandingError(f"{file}: names ending in {RECEIPT_SUFFIX} are the store's own receipts. Rename the file.")
    if len(os.fsencode(file.name)) > 255 - len(RECEIPT_SUFFIX) - 34:
        raise LandingError(f"{file}: the name is too long to be stored with its receipt. Shorten it.")
    return file.name


def _refuse_unknown_form(supersedes: tuple[str, ...], file: Path) -> None:
    for sha256 in supersedes:
        if not SHA256.fullmatch(sha256):
            raise LandingError(
                f"{file}: what it supersedes is named by a whole SHA-256 of 64 hexadecimal digits, not {sha256!r}. "
                "`guanxi land` prints it; `sha256sum` of the wrong file gives it too."
            )


def _refuse_supersession_cycle(known: Known, sha256: str, supersedes: tuple[str, ...], file: Path) -> None:
    if sha256 in known.replaced_by(supersedes):
        raise LandingError(
            f"{file}: an object cannot supersede itself, nor one that supersedes it ({sha256}). "
            "Land a corrected file with other bytes and let that supersede both."
        )


class _written_whole:  # noqa: N801 - used as a context manager
    """A temporary path that becomes `target` in one step when the block ends well, and vanishes when it does not."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.temporary = target.parent / f".{uuid4().hex}{UNFINISHED_SUFFIX}"

    def __enter__(self) -> Path:
        return self.temporary

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self.temporary.unlink(missing_ok=True)
            return
        with self.temporary.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(self.temporary, self.target)


def _write_receipt(receipt: Path, landed: LandedObject) -> None:
    content = {
        "source": landed.source,
        "name": landed.name,
        "sha256": landed.sha256,
        "size_bytes": landed.size_bytes,
        "received_at": landed.received_at.isoformat(),
        "supersedes": list(landed.supersedes),
    }
    with _written_whole(receipt) as temporary:
        temporary.write_text(json.dumps(content, indent=1))


def _read_receipt(receipt: Path) -> LandedObject:
    content = json.loads(receipt.read_text())
    return LandedObject(
        content["source"],
        content["name"],
        content["sha256"],
        content["size_bytes"],
        datetime.fromisoformat(content["received_at"]),
        tuple(content["supersedes"]),
        str(receipt).removesuffix(RECEIPT_SUFFIX),
    )


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
