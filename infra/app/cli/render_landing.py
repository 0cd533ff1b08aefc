"""What `guanxi land` and `guanxi pull` print: whatever a sender wrote is escaped before it reaches a terminal."""

from collections.abc import Mapping, Sequence

from rich.text import Text

from infra.app.cli.render import as_data, err, error, out, print_json
from infra.app.escaped import escaped
from infra.app.fetch import Fetched
from infra.app.pull import Pulled
from infra.lake.landing import Landed


def landed(landings: Sequence[Landed], as_json: bool) -> None:
    """Delivered objects."""
    if as_json:
        print_json([as_data(landing) for landing in landings])
        return
    for landing in landings:
        word = "landed" if landing.is_new else "known already"
        name = escaped(landing.object.name)
        out.print(Text(f"{word:14}{name}  {landing.object.sha256}  {landing.object.size_bytes:,} bytes"))
        if landing.same_name_other_bytes:
            words = (
                f"{name} was delivered before with other bytes, and nothing says that this delivery takes its place: "
                "both count. If it does, land it with --supersedes."
            )
            err.print(Text("warning: ", style="yellow") + Text(words))


def pulled(found: Mapping[str, Pulled], as_json: bool) -> None:
    """What became of the objects in the inboxes of some sources."""
    if as_json:
        print_json({source: as_data(one) for source, one in found.items()})
        return
    for source, one in found.items():
        landed(one.landed, as_json=False)
        for name in one.waiting:
            out.print(Text(f"{'waits':14}{source}/{escaped(name)}  for its manifest, or for its end"))
        for reason in one.refused:
            err.print(Text("refused: ", style="red") + Text(reason))
        _fetched(source, one.fetched)
        if one.error:
            error(str(one.error))


def _fetched(source: str, fetched: Fetched) -> None:
    """What a platform was asked for; nothing where it was not asked or had nothing."""
    if fetched.pages:
        met = f"throttled {fetched.throttled} times, tried again {fetched.tried_again} times"
        out.print(Text(f"{'fetched':14}{len(fetched.pages)} pages of {source}, {met}"))
    if fetched.notice:
        out.print(Text(f"{'notice':14}{source} tells of a change of its schema: {escaped(fetched.notice)}"))
