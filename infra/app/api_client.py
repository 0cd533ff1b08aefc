"""Asks a platform's interface for pages: waits as it is told to, tries again what may pass, names what does not.

429 and Retry-After    waited for, if it is not too long   other 4xx    said at once: asking again changes nothing
5xx, resets, silence   asked again, later each time, a bounded number of times, until the deadline

The token goes into the header of a request and nowhere else: no message names more than the address.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from time import sleep
from typing import Final

import urllib3
from urllib3.exceptions import DecodeError, HTTPError, InvalidHeader, MaxRetryError
from urllib3.util import Retry, Timeout

from infra.app.deadline import Deadline
from infra.app.errors import FinalError
from infra.lake.errors import GuanxiError
from infra.lake.settings import ApiAccess, Settings

THROTTLED: Final = 429
PASSING: Final = frozenset({THROTTLED, 500, 502, 503, 504})
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 30
LONGEST_WAIT_SECONDS: Final = 300
"""What a platform may ask a client to wait; a task does not stand still for longer."""
LONGEST_SAID_SECONDS: Final = 10**9
NOTICE: Final = "X-Schema-Notice"
CHUNK_BYTES: Final = 1 << 16


class UnreachableError(GuanxiError):
    """A platform did not answer as it should, and may when it is asked later.

    `seconds` is how long it wants to be left alone from now on, where it said so and nobody has waited for it yet.
    `is_failure` says whether something is wrong with it, and it does not merely throttle.
    """

    def __init__(self, message: str, seconds: float | None = None, *, is_failure: bool = True) -> None:
        super().__init__(message)
        self.seconds = seconds
        self.is_failure = is_failure


class RefusedError(FinalError):
    """A platform will not answer this however often it is asked: the token, the address or the request is wrong.

    `status` is that of the answer, where it was one that said so.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """The body of an answer, a notice in its headers if there is one, and what was met on the way to it."""

    body: bytes
    notice: str | None
    throttled: int
    tried_again: int


class ApiClient:
    """The interface of one source."""

    def __init__(
        self,
        source: str,
        access: ApiAccess,
        settings: Settings,
        tries: int | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        self.source = source
        self.url = access.url
        self._deadline = deadline or Deadline(settings.api_pull_seconds)
        self._pool = urllib3.PoolManager(
            headers={"Authorization": f"Bearer {token}"} if (token := _token(source, access)) else None,
            timeout=Timeout(connect=settings.api_timeout_seconds, read=settings.api_timeout_seconds),
        )
        self._pool.pool_classes_by_scheme = self._deadline.pools()
        self._retry = Retry(
            total=(tries or settings.api_tries) - 1,
            backoff_factor=FIRST_PAUSE_SECONDS,
            backoff_max=LONGEST_PAUSE_SECONDS,
            backoff_jitter=FIRST_PAUSE_SECONDS,
            retry_after_max=math.inf,  # type: ignore[arg-type] # what is too long is said, and not cut short
        )

    def get(self, resource: str, query: Mapping[str, str]) -> Answer:
        """One page; raises UnreachableError or RefusedError."""
        url = f"{self.url}/{resource}"
        try:
            answer = self._get(url, query)
            # What was cut off may look whole.
            self._refuse_late(url)
            return answer
        except MaxRetryError as error:
            raise UnreachableError(_away(self.source, url, f", the last try said: {_reason(error)}")) from None
        except HTTPError as error:
            raise UnreachableError(_away(self.source, url, f": {type(error).__name__}")) from None

    def _get(self, url: str, query: Mapping[str, str]) -> Answer:
        """One page, asked for until it has been read whole: what breaks off within a body is tried again too."""
        retry = self._retry
        while True:
            self._refuse_late(url)
            response: urllib3.BaseHTTPResponse | None = None
            try:
                response = self._pool.request(
                    "GET", url, fields=query, retries=False, redirect=False, preload_content=False
                )
                if response.status not in PASSING:
                    return self._answer(url, response, retry)
                seconds = self._asked_seconds(url, response)
                retry = self._once_less(retry, url, response, seconds)
                is_failure = response.status != THROTTLED
                self._pause(url, seconds or retry.get_backoff_time(), seconds, is_failure=is_failure)
            except (DecodeError, InvalidHeader, MaxRetryError):
                raise
            except HTTPError as error:
                self._refuse_late(url)
                retry = retry.increment("GET", url, error=error)
                self._pause(url, retry.get_backoff_time())
            finally:
                if response is not None:
                    response.close()

    def _pause(self, url: str, seconds: float, asked_seconds: float = 0, *, is_failure: bool = True) -> None:
        """Wait before the next try; raises UnreachableError at once where that would be too late."""
        self._refuse_late(url, seconds, asked_seconds, is_failure=is_failure)
        sleep(seconds)

    def _refuse_late(self, url: str, seconds: float = 0, asked_seconds: float = 0, *, is_failure: bool = True) -> None:
        """Raise UnreachableError if the deadline has passed, or will have in some seconds."""
        if self._deadline.left_seconds < seconds:
            raise UnreachableError(
                f"{self.source}: {url} gave no page before the deadline of {self._deadline.seconds:g} s. "
                "Pull again to go on; if it is always this slow, raise GUANXI_API_PULL_SECONDS or ask for fewer items "
                "(source.api.limit in the contract).",
                asked_seconds or None,
                is_failure=is_failure,
            )

    def _once_less(self, retry: Retry, url: str, response: urllib3.BaseHTTPResponse, seconds: float) -> Retry:
        """What is left of the tries; raises UnreachableError after the last, with what the platform asked for."""
        try:
            return retry.increment("GET", url, response)
        except MaxRetryError as error:
            raise UnreachableError(
                _away(self.source, url, f", the last try said: {_reason(error)}"),
                seconds or None,
                is_failure=response.status != THROTTLED,
            ) from None

    def _answer(self, url: str, response: urllib3.BaseHTTPResponse, retry: Retry) -> Answer:
        if response.status != 200:
            remedy = _remedy(self.source, response.status)
            raise RefusedError(f"{self.source}: {url} answers {response.status}. {remedy}", response.status)
        body = self._body(url, response)
        throttled = sum(one.status == THROTTLED for one in retry.history)
        return Answer(body, response.headers.get(NOTICE), throttled, len(retry.history) - throttled)

    def _body(self, url: str, response: urllib3.BaseHTTPResponse) -> bytes:
        """What an answer holds, decoded; raises RefusedError as soon as that is more than a page may have."""
        # Not at the top: what a job reads by is loaded in its task, never in the scheduler that forks it.
        from spark_jobs.functions.count_records import LARGEST_PAGE_BYTES

        body = bytearray()
        for chunk in response.stream(CHUNK_BYTES, decode_content=True):
            body += chunk
            if len(body) > LARGEST_PAGE_BYTES:
                raise RefusedError(
                    f"{self.source}: {url} answers with more than {LARGEST_PAGE_BYTES >> 20} MiB, which is no page. "
                    "Ask for fewer items: source.api.limit in the contract."
                )
        return bytes(body)

    def _asked_seconds(self, url: str, response: urllib3.BaseHTTPResponse) -> float:
        """How long a platform wants to be left alone; raises UnreachableError where that is too long to wait for.

        Raises InvalidHeader where nobody can tell.
        """
        try:
            seconds = float(min(self._retry.get_retry_after(response) or 0, LONGEST_SAID_SECONDS))
        except (ValueError, OverflowError):
            raise InvalidHeader("Retry-After") from None
        if seconds > LONGEST_WAIT_SECONDS:
            raise UnreachableError(
                f"{self.source}: {url} asks to be left alone for {seconds:.0f} s, and a pull waits "
                f"{LONGEST_WAIT_SECONDS} s at most. Pull again after that time.",
                seconds,
                is_failure=response.status != THROTTLED,
            )
        return seconds


def _token(source: str, access: ApiAccess) -> str | None:
    """The token; raises RefusedError, which names its file and nothing that stands there."""
    try:
        return access.token()
    except OSError as error:
        why = error.strerror or type(error).__name__
    except ValueError:
        why = "a token is one line of visible ASCII characters"
    raise RefusedError(
        f"{source}: its token cannot be read from {access.token_file}: {why}. "
        f"Write it there, or set {_setting(source)}."
    )


def _setting(source: str, name: str = "TOKEN_FILE") -> str:
    return f"GUANXI_API__{source.upper()}__{name}"


def _remedy(source: str, status: int) -> str:
    if status in {401, 403}:
        return f"It does not know the token: write the right one into the file that {_setting(source)} names."
    return "Compare address and contract (source.api) with what the platform documents; asking again changes nothing."


def _away(source: str, url: str, said: str) -> str:
    remedy = f"The next pull asks again; if this goes on, ask the platform, or mend {_setting(source, 'URL')}."
    return f"{source}: {url} gave no page{said}. {remedy}"


def _reason(error: MaxRetryError) -> str:
    """What the last try met, without the address and what stands in it."""
    reason = error.reason
    return str(reason) if isinstance(reason, urllib3.exceptions.ResponseError) else type(reason).__name__
