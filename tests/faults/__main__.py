"""`python -m tests.faults [--only NUMBER] [--suite SUITE] [--table]`: run the faults, print what came of them.

Without options everything is run anew; with them, what was not run keeps what came of it the last time.
"""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from tests.faults.cases import CASES
from tests.support.fault_table import lines_of, read_rows

FOLDER = Path(".pytest_cache") / "faults"
# The tests of a file may be chapters of one story.
SIDE_BY_SIDE = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile")
SUITES = {
    "fast": ("-m", "fault and not slow and not system", *SIDE_BY_SIDE),
    "slow": ("-m", "fault and slow and not system", *SIDE_BY_SIDE),
    "system": ("-m", "fault and system", "-p", "no:xdist"),
}
PLUGIN = ["-p", "tests.support.fault_table", "--faults-into", str(FOLDER.absolute())]
NOTHING_TO_RUN = 5


def main() -> int:
    """Exit code 0 where every fault is in order."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--only", type=int, choices=sorted(CASES), metavar="NUMBER")
    parser.add_argument("--suite", choices=sorted(SUITES), action="append")
    parser.add_argument("--table", action="store_true", help="print what came of the last runs")
    chosen = parser.parse_args()
    codes = _collect() if chosen.table else _run(chosen.only, chosen.suite)
    rows = [row for row in read_rows(FOLDER, CASES) if chosen.only in {None, row.case.number}]
    print("\n".join(lines_of(rows)))
    covered = sum(row.result == "ok" for row in rows)
    in_part = sum(row.result.startswith("in part") for row in rows)
    print(f"\n{covered} of {len(rows)} injected and survived, {in_part} more in part")
    return int(any(codes) or not all(row.is_in_order for row in rows))


def _collect() -> list[int]:
    """Look which tests there are, so that none counts that was renamed or deleted since it ran."""
    command = [sys.executable, "-m", "pytest", *PLUGIN, "-p", "no:xdist", "--collect-only", "-qq", "tests"]
    code = subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode
    return [code] if code else []


def _run(only: int | None, suites: list[str] | None) -> list[int]:
    if only is None and suites is None:
        shutil.rmtree(FOLDER, ignore_errors=True)
    plugin = [*PLUGIN, "--fault", str(only)] if only is not None else PLUGIN
    codes = []
    for suite in suites or SUITES:
        command = [sys.executable, "-m", "pytest", *plugin, *SUITES[suite], "tests"]
        codes.append(subprocess.run(command, check=False).returncode)
    return [code for code in codes if code != NOTHING_TO_RUN]


if __name__ == "__main__":
    sys.exit(main())
