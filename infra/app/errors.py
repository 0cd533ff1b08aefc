"""Errors by which an orchestrator decides whether trying again can help."""

from infra.lake.errors import GuanxiError


class BrokenStepError(GuanxiError):
    """Something did not work that may work when it is tried again."""


class FinalError(GuanxiError):
    """Trying the same step again changes nothing."""


class BadDataError(FinalError):
    """The gate did not let something pass, or an object was refused: new data or somebody's word changes that."""


class UnbuiltError(FinalError):
    """Something could not be built however often it was tried; what else was built goes on."""


class LateError(FinalError):
    """Promises of freshness are broken; whoever raises it has told people of those that are new."""
