"""Plays the runbook of docs/operations.md: types its commands, applies its changes, compares what is printed.

### a heading                 a section; each starts from the same prepared home
```console                    `$ command` and below it what it prints, `...` for what varies
```diff                       a change of the project, made in the copy of it
<!-- killed: before gate -->  what the reader need not see: a run is killed at this point (tests.support.killed_run)
"""

import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, REPORT_NDIFF, Example, OutputChecker
from io import StringIO
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.app import PROJECT_ROOT
from infra.app.cli.main import main
from infra.app.session import Engine
from infra.lake.settings import Settings
from tests.support.changed_code import ChangedProject
from tests.support.home import session_over

HANDBOOK = PROJECT_ROOT / "docs" / "operations.md"
BLOCK = re.compile(r"^```(?P<kind>console|diff)\n(?P<text>.*?)^```$|^<!-- killed: (?P<point>.*?) -->$", re.M | re.S)
LIKE_THE_BOOK = ELLIPSIS | NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """Something to do: `console`, `diff` or `killed`."""

    kind: str
    text: str


@dataclass(frozen=True)
class Section:
    """One section of the runbook."""

    title: str
    blocks: tuple[Block, ...]


def sections(text: str) -> list[Section]:
    """The sections under `## Runbook` that hold something to do."""
    runbook = text.partition("\n## Runbook\n")[2].partition("\n## ")[0]
    pieces = re.split(r"^### (.*)$", runbook, flags=re.M)[1:]
    found = [Section(title, tuple(_blocks(body))) for title, body in zip(pieces[::2], pieces[1::2], strict=True)]
    return [section for section in found if section.blocks]


def _blocks(body: str) -> Iterator[Block]:
    for match in BLOCK.finditer(body):
        yield Block("killed", match["point"]) if match["point"] else Block(match["kind"], match["text"])


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Commands of a console block with what each is said to print."""
    for piece in re.split(r"^\$ ", text, flags=re.M)[1:]:
        line, _, said = piece.partition("\n")
        yield line, said


class Player:
    """Plays sections in a folder with the home `.guanxi` and the project.

    A command ends with exit code 0 unless `echo $?` comes after it.
    """

    def __init__(self, folder: Path, spark: SparkSession, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.project = ChangedProject(folder / "project", patch)
        self.exit_code = 0
        patch.chdir(folder)
        patch.delenv("GUANXI_HOME", raising=False)
        self.spark = spark
        self.patch = patch
        patch.setattr(sys, "excepthook", sys.excepthook)
        patch.setattr(sys, "argv", sys.argv)

    def play(self, section: Section) -> None:
        """Do everything in a section; fails where something else is printed."""
        for block in section.blocks:
            match block.kind:
                case "console":
                    for line, said in commands(block.text):
                        self._compare(line, said)
                case "diff":
                    self.project.apply(block.text)
                case "killed":
                    self._kill(block.text)
        assert self.exit_code == 0

    def _compare(self, line: str, said: str) -> None:
        assert self.exit_code == 0 or line == "echo $?", f"exit code {self.exit_code} before $ {line}"
        printed = self.type(line)
        checker, example = OutputChecker(), Example(line, said or "\n")
        if not checker.check_output(example.want, printed or "\n", LIKE_THE_BOOK):
            pytest.fail(f"$ {line}\n{checker.output_difference(example, printed, LIKE_THE_BOOK | REPORT_NDIFF)}")

    def type(self, line: str) -> str:
        """What a command prints; `guanxi` is the real entry point in this process, everything else a shell's."""
        if line.startswith("guanxi "):
            return self._guanxi(shlex.split(line))
        script = f"(exit {self.exit_code}); {line}"
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, capture_output=True, text=True, check=False)
        self.exit_code = done.returncode
        return done.stdout + done.stderr

    def _guanxi(self, words: Sequence[str]) -> str:
        printed = StringIO()
        sys.argv = list(words)
        # As if each command were a process of its own: it must find all there is in the home.
        self.patch.setattr(Engine, "spark", session_over(Settings(), self.spark))
        with redirect_stdout(printed), redirect_stderr(printed):
            try:
                main()
            except SystemExit as ended:
                self.exit_code = int(ended.code or 0)
        return printed.getvalue()

    def _kill(self, point: str) -> None:
        command = [sys.executable, "-m", "tests.support.killed_run", str(self.folder / ".guanxi"), point]
        command.append(str(self.project.root))
        killed = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
        assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
