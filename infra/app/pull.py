"""From a source's inbox to the landing store: what is complete is landed, what is broken is set aside and said.

A source that is asked has its pages fetched besides (`fetch`).

inbox/<source>/<name>                  ─▶ landing/<source>/<sha256>/<name>
inbox/<source>/<name>.manifest.json       says name, lines and SHA-256 of the object, sums, and what it supersedes
refused/<source>/<name>                   an object that is not what its manifest says, with <name>.reason.txt

A name that starts with a dot or ends in .part is still being written. An object waits for its manifest where the
contract asks for one; where it does not, a manifest that is delivered before its object counts all the same. Only plain
files are read: a link would lead elsewhere, and a pipe be waited for without an end.
"""

import hashlib
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from expectations.contract import Contract
from infra.app.api_client import RefusedError, UnreachableError
from infra.app.app import App
from infra.app.fetch import Fetched, fetch, is_page_name
from infra.app.kinds.record_format import count
from infra.app.totals import REMEDY, check_totals
from infra.lake.landing import Known, Landed, LandingError, StillWrittenError, checked_name, is_complete

MANIFEST_SUFFIX = ".manifest.json"
LARGEST_MANIFEST_BYTES = 1 << 20
LONGEST_NAME_BYTES = 255
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

    `refused` are objects with the reason. `error` is why its platform did not answer to the end.
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
        manifest = file.with_name(file.name + MANIFEST_SUFFIX)
        has_manifest = os.path.lexists(manifest)
        try:
            _refuse_unlike_a_file(file)
            checked_name(file)
            if contract.source and contract.source.manifest and not has_manifest:
                waiting.append(file.name)
                continue
            _refuse_page(file, contract)
            supersedes = _checked(file, manifest, contract).supersedes if has_manifest else ()
            landed.append(app.landing.land(source, file, supersedes, known))
        except StillWrittenError:
            waiting.append(file.name)
        except LandingError as error:
            _set_aside(app.settings.refused_dir / source, [manifest, file], str(error))
            refused.append(str(error))
        else:
            # The landing store has it: only now may the inbox lose it.
            file.unlink()
            manifest.unlink(missing_ok=True)
    in_inbox = tuple(landed), tuple(waiting), tuple(refused)
    try:
        return Pulled(*in_inbox, fetch(app.settings, contract))
    except (UnreachableError, RefusedError) as error:
        return Pulled(*in_inbox, Fetched(), error)


def _arrived(inbox: Path) -> list[Path]:
    return [file for file in inbox.glob("*") if _is_object(file)]


def _is_object(file: Path) -> bool:
    named = is_complete(file.name) and not file.name.endswith(MANIFEST_SUFFIX)
    # Folders are the sender's own affair: nothing is looked for in them.
    return named and (file.is_symlink() or not file.is_dir())


def _refuse_unlike_a_file(file: Path) -> None:
    if not stat.S_ISREG(file.lstat().st_mode):
        kind = "a link" if file.is_symlink() else "a pipe, a socket or a device"
        raise LandingError(f"{file.name!a}: it is {kind}, and no plain file. Have the sender deliver the bytes.")


def _refuse_page(file: Path, contract: Contract) -> None:
    """Where to fetch on stands in the last page: one that was dropped would lead the fetching elsewhere."""
    if contract.source and contract.source.api and is_page_name(file.name):
        raise LandingError(
            f"{file.name}: pages of {contract.short_name} are fetched, and this is called like one. "
            "Drop it under another name; to say where to go on, land it with `guanxi land`."
        )


def _checked(file: Path, manifest: Path, contract: Contract) -> Manifest:
    """What the manifest says; raises LandingError for an object that is not that."""
    _refuse_unlike_a_file(manifest)
    if manifest.stat().st_size > LARGEST_MANIFEST_BYTES:
        raise LandingError(f"{manifest.name}: it has more than {LARGEST_MANIFEST_BYTES >> 20} MiB. {REMEDY}")
    try:
        said = Manifest.model_validate_json(manifest.read_bytes())
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole"
        raise LandingError(f"{manifest.name}: {place}: {first['msg']}. {REMEDY}") from error
    content = file.read_bytes()
    found = Manifest(object=file.name, lines=count(contract, content), sha256=hashlib.sha256(content).hexdigest())
    for name in ("object", "sha256", "lines"):
        if getattr(said, name) != getattr(found, name):
            rule = f"its {name} is {getattr(found, name)}, its manifest says {getattr(said, name)}"
            raise LandingError(f"{file.name}: {rule}. {REMEDY}")
    check_totals(contract, file.name, content, said.totals)
    return said


def _set_aside(folder: Path, files: list[Path], reason: str) -> None:
    """Move an object and its manifest to where somebody may look at them; links and pipes are moved as such."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{files[-1].name}.reason.txt"
    if len(os.fsencode(name)) > LONGEST_NAME_BYTES:
        name = f"{hashlib.sha256(os.fsencode(name)).hexdigest()}.reason.txt"
    (folder / name).write_text(f"{reason}\n")
    for file in files:
        if os.path.lexists(file):
            os.replace(file, folder / file.name)
