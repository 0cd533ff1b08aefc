"""A run in a process of its own that ends in the middle: `python -m tests.support.dying_run HOME END DATASET...`.

in dbt           SIGKILL when dbt has written a mart and has not tested it
out of memory    a task of Spark that writes days asks for more memory than the JVM has, which ends
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

IN_DBT, OUT_OF_MEMORY = "in dbt", "out of memory"
HEAP = "512m"
WANTED_BYTES = 1_000_000_000


def kill_in_dbt() -> None:
    """Have the process end once dbt has made a model."""
    from dbt.task.run import ModelRunner

    execute = ModelRunner.execute

    def deadly(*said: Any) -> None:
        execute(*said)
        os.kill(os.getpid(), signal.SIGKILL)

    ModelRunner.execute = deadly


def starve() -> None:
    """Have whoever writes days make a text that no heap of this process has room for."""
    from pyspark.sql import functions as F

    from infra.app.kinds import days

    overwrite = days._overwrite

    def greedy(rows: Any, *where: Any) -> None:
        # Of a number that is not known beforehand: else the text is made while the query is planned.
        length = F.monotonically_increasing_id().cast("int") + F.lit(WANTED_BYTES)
        overwrite(rows.where(F.length(F.repeat(F.lit("x"), length)) > 0), *where)

    days._overwrite = greedy


def main() -> None:
    """Bring the datasets of HOME level until END, and print what came of each if the process lives that long."""
    from infra.app.app import App
    from infra.lake.settings import Settings

    home, end, *names = sys.argv[1:]
    if end == IN_DBT:
        kill_in_dbt()
    else:
        starve()
    app = App(Settings(home=Path(home), spark_master="local[1]", spark_driver_memory=HEAP))
    print(json.dumps({result.dataset: result.outcome for result in app.run(names, alone=True)}))


if __name__ == "__main__":
    main()
