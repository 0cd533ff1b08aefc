"""`make bench`: figures of speed and memory, printed side by side and appended to a JSON report; nothing is asserted.

python -m tests.bench [ingest|day|incremental|orchestration|simulator|realism] [--rows N] [--days N] [--pictures FOLDER]
"""

import argparse
import tempfile
from pathlib import Path

from tests.bench.day import ROWS as EVENTS
from tests.bench.day import day
from tests.bench.incremental import DAYS, ROWS_A_DAY, incremental
from tests.bench.ingest import ROWS, ingest
from tests.bench.orchestration import orchestration
from tests.bench.realism import realism
from tests.bench.report import report_file
from tests.bench.simulator import simulator

BENCHES = ("ingest", "day", "incremental", "orchestration", "simulator", "realism")


def main() -> None:
    """Run one bench, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Figures of speed and memory.")
    parser.add_argument("bench", nargs="?", choices=BENCHES, help="one bench instead of all")
    parser.add_argument(
        "--rows", type=int, help=f"rows to ingest ({ROWS:,}); events of a day ({EVENTS:,}); rows a day ({ROWS_A_DAY:,})"
    )
    parser.add_argument("--days", type=int, default=DAYS, help=f"days to rebuild ({DAYS})")
    pictures = Path(tempfile.gettempdir()) / "guanxi-pictures"
    parser.add_argument("--pictures", type=Path, default=pictures, help=f"where realism draws ({pictures})")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="guanxi-bench-") as folder:
        if asked.bench in {None, "ingest"}:
            ingest(Path(folder) / "ingest", asked.rows or ROWS)
        if asked.bench in {None, "day"}:
            day(Path(folder) / "day", asked.rows or EVENTS)
        if asked.bench in {None, "incremental"}:
            incremental(Path(folder) / "incremental", asked.rows or ROWS_A_DAY, asked.days)
        if asked.bench in {None, "orchestration"}:
            orchestration(Path(folder) / "orchestration")
        if asked.bench in {None, "simulator"}:
            simulator(Path(folder) / "simulator")
        if asked.bench in {None, "realism"}:
            realism(asked.pictures)
    print(f"\nreport: {report_file()}")


if __name__ == "__main__":
    main()
