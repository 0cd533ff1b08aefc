"""What a contract says of a platform that is asked for its pages: `source.api`.

api: {resource: activities, next: paging.next, more: paging.has_more, kinds: [share, click], limit: 1000}
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from expectations.contract_error import ContractError

PAGES = "jsonpage"
NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class ApiForm:
    """How pages are asked for, and the dotted paths of what stands on them beside the items.

    `resource` is asked for below the platform's address. `next` is the cursor of what follows a page, `more` says
    whether anything does yet. Only items of `kinds` are asked for, all where it is empty; at most `limit` a page.
    """

    resource: str
    next: str
    more: str
    kinds: tuple[str, ...] = ()
    limit: int | None = None


def read_api(path: Path, source: Mapping[str, Any]) -> ApiForm | None:
    """The form of a platform's interface, if the source is asked; raises ContractError for what it cannot mean."""
    if "api" not in source:
        return None
    api = source["api"]
    needed = ", ".join(_NEEDED)
    if not isinstance(api, dict) or _NEEDED.keys() - api.keys():
        raise ContractError(path, "source.api", f"an interface has {needed}", "Write, say, {resource: activities, ...}")
    known = _NEEDED | _OPTIONAL
    for entry, value in api.items():
        if entry not in known:
            raise ContractError(path, f"source.api.{entry}", "nothing reads this", f"Use {', '.join(known)}")
        is_right, remedy = known[entry]
        if not is_right(value):
            raise ContractError(path, f"source.api.{entry}", f"{value} is not allowed here", remedy)
    _check_form(path, source)
    return ApiForm(api["resource"], api["next"], api["more"], tuple(api.get("kinds", ())), api.get("limit"))


def _check_form(path: Path, source: Mapping[str, Any]) -> None:
    if source["format"]["type"] != PAGES:
        rule = f"what an interface answers are pages, and the format is {source['format']['type']}"
        raise ContractError(path, "source.format.type", rule, f"Write {{type: {PAGES}, items: <path of the items>}}")
    if "manifest" in source:
        raise ContractError(path, "source.manifest", "nobody sends a manifest of pages that are asked for", "Remove it")


def _is_path(value: object) -> bool:
    return isinstance(value, str) and all(value.split("."))


def _is_resource(value: object) -> bool:
    return isinstance(value, str) and all(NAME.fullmatch(part) for part in value.split("/"))


def _are_kinds(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(NAME.fullmatch(str(kind)) for kind in value)


def _is_limit(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


_Entries = dict[str, tuple[Callable[[object], bool], str]]
_NEEDED: _Entries = {
    "resource": (_is_resource, "Write a relative path such as activities"),
    "next": (_is_path, "Write the path of the cursor, such as paging.next"),
    "more": (_is_path, "Write the path of the flag, such as paging.has_more"),
}
_OPTIONAL: _Entries = {
    "kinds": (_are_kinds, "Write a list of kinds such as [share, click], or leave it out for all"),
    "limit": (_is_limit, "Write how many items a page has at most, or leave it out"),
}
