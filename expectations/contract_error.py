"""The error of a contract that cannot be used as it is written."""

from pathlib import Path

from infra.lake.errors import GuanxiError


class ContractError(GuanxiError):
    """A contract breaks a rule: the message names the file, the place in it, the rule and the remedy."""

    def __init__(self, file: Path, place: str, rule: str, remedy: str) -> None:
        super().__init__(f"{file}: {place}: {rule}. {remedy}.")
        self.file = file
        self.place = place
