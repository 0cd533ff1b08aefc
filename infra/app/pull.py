"""From a source's inbox to the landing store: what is complete is landed, what is broken is set aside and said.

A source that is asked has its pages fetched besides (`fetch`).

inbox/<source>/<name>                  ─▶ landing/<source>/<sha256>/<name>
inbox/<source>/<name>.manifest.json       says name, lines and SHA-256 of the object, sums, and what it supersedes
refused/<source>/<name>                   an object that is not what its manifest says, with <name>.reason.txt

A name that starts with a dot or ends in .part is still being written. An object waits for its manifest where the
contract asks for one; where it does not, a manifest that is delivered before its object counts all the same. Only plain
files are read: a link would lead elsewhere, and a pipe be waited for without an end. What is checked and landed is one
private copy, and the inbox loses only the file that was copied: a sender may put a corrected one in its place.
"""

import hashlib
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from expectations.contract import Contract
from infra.app.api_client import RefusedError, UnreachableError
from infra.app.app import App
from infra.app.arrived import Arrived, opened
from infra.app.escaped import escaped
from infra.app.fetch import Fetched, fetch, is_page_name
from infra.app.kinds.record_format import count
from infra.app.set_aside import set_aside
from infra.app.totals import REMEDY, check_totals
from infra.lake.known import Known
from infra.lake.landing import Landed, LandingError, StillWrittenError, checked_name, is_complete

MANIFEST_SUFFIX = ".manifest.json"
LARGEST_MANIFEST_BYTES = 1 << 20
Total = Annotated[str, Field(pattern=r"^-?[0-9]{1,30}(\.[0-9]{1,10})?$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """What the sender says of an object: its records are `lines`, and it takes the place of those it `supersedes`.

    `totals` are the sums of some columns, over all rows that have a number there, as exact decimals in text.
    """

    model_config = ConfigDict(extra="ignore")

    object: str
    lines: int = Field(ge=0)
    sha256: Sha256
    supersedes: tuple[Sha256, ...] = ()
    totals: Mapping[str, Total] = Field(default_factory=dict)


@dataclass(frozen=True)
class Pulled:
    """What one look into an inbox did, and what a platform was asked for.

    `refused` are objects with the reason, escaped. `error` is why its platform did not answer to the end.
    """

    landed: tuple[Landed, ...]
    waiting: tuple[str, ...]
    refused: tuple[str, ...]
    fetched: Fetched
    error: UnreachableError | RefusedError | None = None


def pull(app: App, source: str) -> Pulled:
    """Land every complete object of a source's inbox, and what its platform has to answer.

    Raises GuanxiError for a source without a contract. A platform that does not answer as it should is an `error` of
    what is returned, so that what the inbox held is not lost with it.
    """
    contract = app.source(source)
    known = Known(app.landing.objects(source))
    landed, waiting, refused = [], [], []
    for file in sorted(_arrived(app.settings.inbox_dir / source)):
        try:
            done = _take_in(app, contract, file, known)
        except StillWrittenError:
            done = None
        except LandingError as error:
            # Names and manifests are what their sender wrote, and the reason goes to terminals and logs.
            reason = escaped(str(error), kept="\\")
            refused.append(set_aside(app.settings.refused_dir / source, [_manifest_of(file), file], reason))
            continue
        if done:
            landed.append(done)
        else:
            waiting.append(file.name)
    in_inbox = tuple(landed), tuple(waiting), tuple(refused)
    try:
        return Pulled(*in_inbox, fetch(app.settings, contract))
    except (UnreachableError, RefusedError) as error:
        return Pulled(*in_inbox, Fetched(), error)


def is_delivered(app: App, source: str) -> bool:
    """Whether an inbox has anything that the next look takes; what waits for its manifest may wait for ever."""
    contract = app.source(source)
    needs_manifest = contract.source is not None and contract.source.manifest
    files = _arrived(app.settings.inbox_dir / source)
    return any(not needs_manifest or _manifest_of(file).exists() for file in files)


def _take_in(app: App, contract: Contract, file: Path, known: Known) -> Landed | None:
    """Land an object of the inbox; None where it waits for its manifest.

    Raises LandingError for one that is refused, StillWrittenError where its sender has put another in its place.
    """
    needs_manifest = contract.source is not None and contract.source.manifest
    with ExitStack() as stack:
        delivered = stack.enter_context(opened(file))
        if delivered is None:
            return None
        manifest = None
        try:
            checked_name(file)
            manifest = stack.enter_context(opened(_manifest_of(file)))
            if needs_manifest and manifest is None:
                return None
            _refuse_page(file, contract)
            copy = delivered.copy_to(Path(stack.enter_context(_folder(app))))
            supersedes = _checked(copy, manifest, contract).supersedes if manifest else ()
            landed = app.landing.land(contract.short_name, copy, supersedes, known, is_ours=True)
        except LandingError:
            if not delivered.is_there() or (manifest and not manifest.is_there()):
                raise StillWrittenError(f"{file.name}: it was replaced. Land what has come in its place.") from None
            raise
        # The landing store has it: only now may the inbox lose it.
        delivered.remove()
        if manifest:
            manifest.remove()
    return landed


def _folder(app: App) -> tempfile.TemporaryDirectory[str]:
    app.settings.work_dir.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="pull-", dir=app.settings.work_dir)


def _manifest_of(file: Path) -> Path:
    return file.with_name(file.name + MANIFEST_SUFFIX)


def _arrived(inbox: Path) -> list[Path]:
    return [file for file in inbox.glob("*") if _is_object(file)]


def _is_object(file: Path) -> bool:
    named = is_complete(file.name) and not file.name.endswith(MANIFEST_SUFFIX)
    # Folders are the sender's own affair: nothing is looked for in them.
    return named and (file.is_symlink() or not file.is_dir())


def _refuse_page(file: Path, contract: Contract) -> None:
    """Where to fetch on stands in the last page: one that was dropped would lead the fetching elsewhere."""
    if contract.source and contract.source.api and is_page_name(file.name):
        raise LandingError(
            f"{file.name}: pages of {contract.short_name} are fetched, and this is called like one. "
            "Drop it under another name; to say where to go on, land it with `guanxi land`."
        )


def _checked(file: Path, manifest: Arrived, contract: Contract) -> Manifest:
    """What the manifest says; raises LandingError for an object that is not that."""
    name, content = manifest.file.name, manifest.read(LARGEST_MANIFEST_BYTES + 1)
    if len(content) > LARGEST_MANIFEST_BYTES:
        raise LandingError(f"{name}: it has more than {LARGEST_MANIFEST_BYTES >> 20} MiB. {REMEDY}")
    try:
        said = Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise LandingError(f"{name}: {place}: {first['msg']}. {REMEDY}") from error
    content = file.read_bytes()
    found = Manifest(object=file.name, lines=count(contract, content), sha256=hashlib.sha256(content).hexdigest())
    for name in ("object", "sha256", "lines"):
        if getattr(said, name) != getattr(found, name):
            rule = f"its {name} is {getattr(found, name)}, its manifest says {getattr(said, name)}"
            raise LandingError(f"{file.name}: {rule}. {REMEDY}")
    check_totals(contract, file.name, content, said.totals)
    return said
