"""`make bench`: figures of speed and memory, printed side by side and appended to a JSON report; nothing is asserted.

python -m tests.bench [ingest|incremental|orchestration] [--rows N] [--days N]
"""

import argparse
import tempfile
from pathlib import Path

from tests.bench.incremental import DAYS, ROWS_A_DAY, incremental
from tests.bench.ingest import ROWS, ingest
from tests.bench.orchestration import orchestration
from tests.bench.report import report_file


def main() -> None:
    """Run one bench, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Figures of speed and memory.")
    parser.add_argument(
        "bench", nargs="?", choices=("ingest", "incremental", "orchestration"), help="one bench instead of all"
    )
    parser.add_argument("--rows", type=int, help=f"rows to ingest ({ROWS:,}); rows a day ({ROWS_A_DAY:,})")
    parser.add_argument("--days", type=int, default=DAYS, help=f"days to rebuild ({DAYS})")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="guanxi-bench-") as folder:
        if asked.bench in {None, "ingest"}:
            ingest(Path(folder) / "ingest", asked.rows or ROWS)
        if asked.bench in {None, "incremental"}:
            incremental(Path(folder) / "incremental", asked.rows or ROWS_A_DAY, asked.days)
        if asked.bench in {None, "orchestration"}:
            orchestration(Path(folder) / "orchestration")
    print(f"\nreport: {report_file()}")


if __name__ == "__main__":
    main()
