"""Errors by which an orchestrator decides whether trying again can help."""

from infra.lake.errors import GuanxiError


class BadDataError(GuanxiError):
    """The data are not as promised: trying again changes nothing, new data or somebody's word does."""


class BrokenStepError(GuanxiError):
    """Something did not work that may work when it is tried again."""


class LateError(BadDataError):
    """Promises of freshness are broken; whoever raises it has told people of those that are new."""
