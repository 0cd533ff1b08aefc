"""The platforms behind their interface: what each request is answered, without a socket.

GET /<source>/activities?cursor=&limit=&kinds=   a page
GET /control                                     what is released, the dial, and what was answered so far
POST /control {"through": DAY, "dial": {...}}    releases days, sets the dial
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from infra.simulator.platforms.access import Token
from infra.simulator.platforms.dial import Dial, Fates
from infra.simulator.platforms.envelopes import ENVELOPES
from infra.simulator.platforms.errors import PlatformsError, Refused
from infra.simulator.platforms.exchange import (
    Answer,
    Request,
    kinds_of,
    limit_of,
    not_there,
    object_of,
    parameters,
    too_many,
)
from infra.simulator.platforms.rate_limit import Clock, RateLimit
from infra.simulator.platforms.stream import BEGINNING, Page, Stream, as_day

NOTICE_HEADER: Final = "X-Schema-Notice"


class Source:
    """One platform's stream, and what its clients have met so far."""

    def __init__(self, folder: Path, dial: Dial, clock: Clock) -> None:
        self.envelope = ENVELOPES[folder.name]
        self.stream = Stream(folder, self.envelope.kind_key)
        self.counts: Counter[str] = Counter()
        self.furthest = date.min
        self._clock = clock
        self.set(dial)

    def set(self, dial: Dial) -> None:
        """Begin anew under a dial: with a full allowance, and the first of the seed's fates."""
        self.limit = RateLimit(dial, self._clock)
        self.fates = Fates(self.stream.source, dial.seed)


class Platforms:
    """The platforms of one folder; days up to `through` are released, all of them if it is left out."""

    def __init__(
        self, folder: Path, token: Token, dial: Dial, through: date | None, clock: Clock = time.monotonic
    ) -> None:
        self._token = token
        self._dial = dial
        self._through = through or date.max
        self._lock = threading.Lock()
        self._sources = {path.name: Source(path, dial, clock) for path in _folders(folder / "api")}
        for source in self._sources.values():
            source.stream.days(date.max)
            source.stream.notice(date.max)

    @property
    def sources(self) -> list[str]:
        """The sources that are served, by name."""
        return list(self._sources)

    def answer(self, request: Request) -> Answer:
        """The answer to one request; every error that is the client's is an answer too."""
        name, _, rest = request.path.removeprefix("/").partition("/")
        source = self._sources.get(name) if rest == "activities" else None
        place = f"/{name}/activities" if source else "/control" if request.path == "/control" else "-"
        try:
            if source:
                return self._page(source, request, place)
            if place == "-":
                raise self._nowhere(request)
            return self._control(request, place)
        except Refused as refused:
            status, message, headers = refused.status, str(refused), refused.headers
        except PlatformsError as error:
            status, message, headers = 500, str(error), {}
        return self.refusal(status, message, place, headers)

    def refusal(self, status: int, message: str, place: str = "-", headers: Mapping[str, str] | None = None) -> Answer:
        """An answer that is no page, in the words of the platform asked, and counted."""
        source = self._sources.get(place.split("/")[1]) if "/" in place else None
        if source:
            with self._lock:
                source.counts[str(status)] += 1
        body = (source.envelope if source else ENVELOPES["social_a"]).error(status, message)
        return Answer(place, status, body, headers or {})

    def _page(self, source: Source, request: Request, place: str) -> Answer:
        asked = parameters(request)
        self._let_in(request)
        if request.method != "GET":
            raise Refused(405, "pages are read with GET.", {"Allow": "GET"})
        stream = source.stream
        position = stream.position(asked["cursor"]) if "cursor" in asked else BEGINNING
        limit, kinds = limit_of(asked.get("limit")), kinds_of(asked.get("kinds"))
        with self._lock:
            if wait_seconds := source.limit.wait_seconds():
                raise too_many(wait_seconds)
            fate, through = source.fates.next(self._dial), self._through
        page = stream.page(position, limit, kinds, through)
        with self._lock:
            if fate.wait_seconds:
                source.counts["slow"] += 1
            if fate.reset:
                source.counts[f"reset {fate.reset}"] += 1
            elif not fate.error:
                source.counts["pages"] += 1
                source.counts["items"] += len(page.items)
                source.furthest = max(source.furthest, page.behind.day)
        if fate.error:
            return _gateway(self.refusal(fate.error, "try again", place), fate.wait_seconds)
        body = source.envelope.page(page.items, stream.cursor(page.behind), has_more=page.has_more)
        return Answer(place, 200, body, _notice(stream, page), wait_seconds=fate.wait_seconds, reset=fate.reset)

    def _control(self, request: Request, place: str) -> Answer:
        if request.query:
            raise not_there()
        self._let_in(request)
        if request.method == "POST":
            self._turn(object_of(request.body))
        elif request.method != "GET":
            raise Refused(405, "control is read with GET and set with POST.", {"Allow": "GET, POST"})
        return Answer(place, 200, json.dumps(self._told()).encode())

    def _nowhere(self, request: Request) -> Refused:
        """The refusal of a place that there is none of; what is served is told to those who are let in."""
        parameters(request)
        self._let_in(request)
        places = ", ".join(f"/{name}/activities" for name in self._sources)
        return Refused(404, f"nothing is here. There are /control and {places}.")

    def _turn(self, asked: dict[str, Any]) -> None:
        if asked.keys() - {"through", "dial"} or not asked:
            raise Refused(400, 'control takes "through" (a day), "dial" (an object) or both.')
        with self._lock:
            through = self._released(asked["through"]) if "through" in asked else self._through
            dial = self._dial.turned(asked["dial"]) if "dial" in asked else self._dial
            self._through = through
            if "dial" in asked:
                self._dial = dial
                for source in self._sources.values():
                    source.set(dial)

    def _released(self, text: object) -> date:
        try:
            day = as_day(str(text))
        except ValueError as error:
            raise Refused(400, "through: not a day. Write it as YYYY-MM-DD.") from error
        furthest = max((source.furthest for source in self._sources.values()), default=date.min)
        if day < furthest:
            raise Refused(400, f"through: {furthest} was served already. Name that day or a later one.")
        return day

    def _told(self) -> dict[str, Any]:
        with self._lock:
            return {
                "through": None if self._through == date.max else self._through.isoformat(),
                "dial": self._dial.model_dump(),
                "counts": {name: dict(source.counts) for name, source in self._sources.items()},
            }

    def _let_in(self, request: Request) -> None:
        if not self._token.is_in(request.authorization):
            message = "no token, or another one. Send the header `Authorization: Bearer <token>`."
            raise Refused(401, message, {"WWW-Authenticate": "Bearer"})


def _folders(api: Path) -> list[Path]:
    if not api.is_dir():
        raise PlatformsError(f"{api}: no such folder. Name a folder that `guanxi simulate --out` has written.")
    folders = sorted(path for path in api.iterdir() if path.is_dir())
    if unknown := [path for path in folders if path.name not in ENVELOPES]:
        raise PlatformsError(f"{unknown[0]}: no platform of this name. Known are {', '.join(ENVELOPES)}.")
    if not folders:
        raise PlatformsError(f"{api}: holds no source. Known are {', '.join(ENVELOPES)}, a folder each.")
    return folders


def _notice(stream: Stream, page: Page) -> dict[str, str]:
    notice = stream.notice(page.behind.day)
    return {NOTICE_HEADER: notice} if notice else {}


def _gateway(answer: Answer, wait_seconds: float) -> Answer:
    """An error as it comes from what stands before a platform: 502 speaks no JSON."""
    page = b"<html><body><h1>Bad Gateway</h1></body></html>\n"
    body, kind = (page, "text/html") if answer.status == 502 else (answer.body, answer.content_type)
    return Answer(answer.place, answer.status, body, answer.headers, kind, wait_seconds)
