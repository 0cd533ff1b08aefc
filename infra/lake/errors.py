"""The one family of errors a user of Guanxi is meant to read."""


class GuanxiError(Exception):
    """An error whose message names the place, the rule that was broken and the remedy."""
