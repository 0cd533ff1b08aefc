"""Asks a platform's interface for pages: waits as it is told to, tries again what may pass, names what does not.

429 and Retry-After   waited for               other 4xx    said at once: asking again changes nothing
5xx, resets, silence  asked again, later each time, a bounded number of times

The token goes into the header of a request and nowhere else: no message names more than the address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError
from urllib3.util import Retry, Timeout

from infra.app.errors import FinalError
from infra.lake.errors import GuanxiError
from infra.lake.settings import ApiAccess, Settings

THROTTLED: Final = 429
PASSING: Final = frozenset({THROTTLED, 500, 502, 503, 504})
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 30
LONGEST_WAIT_SECONDS: Final = 300
"""What a platform may ask a client to wait; a task does not stand still for longer."""
NOTICE: Final = "X-Schema-Notice"


class UnreachableError(GuanxiError):
    """A platform did not answer as it should, and may when it is asked later."""


class RefusedError(FinalError):
    """A platform will not answer this however often it is asked: the token, the address or the request is wrong."""


@dataclass(frozen=True)
class Answer:
    """The body of an answer, a notice in its headers if there is one, and what was met on the way to it."""

    body: bytes
    notice: str | None
    throttled: int
    tried_again: int


class ApiClient:
    """The interface of one source."""

    def __init__(self, source: str, access: ApiAccess, settings: Settings, tries: int | None = None) -> None:
        self.source = source
        self.url = access.url
        self._pool = urllib3.PoolManager(
            headers={"Authorization": f"Bearer {token}"} if (token := _token(source, access)) else None,
            timeout=Timeout(connect=settings.api_timeout_seconds, read=settings.api_timeout_seconds),
            retries=Retry(
                total=(tries or settings.api_tries) - 1,
                redirect=False,
                status_forcelist=PASSING,
                backoff_factor=FIRST_PAUSE_SECONDS,
                backoff_max=LONGEST_PAUSE_SECONDS,
                backoff_jitter=FIRST_PAUSE_SECONDS,
                retry_after_max=LONGEST_WAIT_SECONDS,
            ),
        )

    def get(self, resource: str, query: Mapping[str, str]) -> Answer:
        """One page; raises UnreachableError or RefusedError."""
        url = f"{self.url}/{resource}"
        try:
            response = self._pool.request("GET", url, fields=query)
        except MaxRetryError as error:
            raise UnreachableError(f"{self.source}: {url} gave no page, the last try said: {_reason(error)}.") from None
        except HTTPError as error:
            raise UnreachableError(f"{self.source}: {url} gave no page: {type(error).__name__}.") from None
        if response.status != 200:
            raise RefusedError(
                f"{self.source}: {url} answers {response.status}. {_remedy(self.source, response.status)}"
            )
        met = response.retries.history if response.retries else ()
        throttled = sum(one.status == THROTTLED for one in met)
        return Answer(response.data, response.headers.get(NOTICE), throttled, len(met) - throttled)


def _token(source: str, access: ApiAccess) -> str | None:
    try:
        return access.token()
    except OSError as error:
        raise RefusedError(
            f"{source}: its token cannot be read from {access.token_file}: {error.strerror}. "
            f"Write it there, or set {_setting(source)}."
        ) from None


def _setting(source: str) -> str:
    return f"GUANXI_API__{source.upper()}__TOKEN_FILE"


def _remedy(source: str, status: int) -> str:
    if status in {401, 403}:
        return f"It does not know the token: write the right one into the file that {_setting(source)} names."
    return "Compare address and contract (source.api) with what the platform documents; asking again changes nothing."


def _reason(error: MaxRetryError) -> str:
    """What the last try met, without the address and what stands in it."""
    reason = error.reason
    return str(reason) if isinstance(reason, urllib3.exceptions.ResponseError) else type(reason).__name__
