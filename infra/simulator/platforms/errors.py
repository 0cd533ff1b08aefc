"""What can be wrong: with the folder that is served, and with a request."""


class PlatformsError(Exception):
    """The folder cannot be served as it is; the message names the place, the rule and the remedy."""


class Refused(Exception):  # noqa: N818 - an answer, not a failure of the server
    """A request that is answered with a status of its own; the message names the rule and the remedy.

    The message never repeats what was sent: a token may stand where it does not belong.
    """

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
