"""The Spark session: one lazily started local session, or a client of a Spark Connect server."""

import os
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Final

from infra.lake.catalog import CATALOG_NAME
from infra.lake.settings import Settings, run_workers_with

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

PACKAGES: Final = (
    "org.apache.iceberg:iceberg-spark-runtime-4.1_2.13:1.11.0",
    "org.xerial:sqlite-jdbc:3.50.3.0",
)
# Rows are sorted by partition before they are written. Else every day has its file open: a file of ten years of days
# takes more memory than there is.
ONE_FILE_OPEN: Final = {"fanout-enabled": "false"}
# Rows stay with the tasks that made them: each of these writes a file for every day it has rows of.
AS_THEY_ARE: Final = {"distribution-mode": "none"}
TOGETHER_ROWS: Final = 200_000
"""So many rows of a day a single task writes in a second or two."""


def spark_settings(settings: Settings) -> dict[str, str]:
    """Spark's settings for the embedded deployment; the catalogue is the one pyiceberg opens."""
    catalog = f"spark.sql.catalog.{CATALOG_NAME}"
    return {
        "spark.jars.packages": ",".join(PACKAGES),
        "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
        catalog: "org.apache.iceberg.spark.SparkCatalog",
        f"{catalog}.type": "jdbc",
        f"{catalog}.uri": f"jdbc:sqlite:{settings.catalog_file}?busy_timeout=120000",
        f"{catalog}.jdbc.schema-version": "V1",
        f"{catalog}.warehouse": settings.lake_dir.as_uri(),
        # Tables are also committed to through pyiceberg: a cached table would be a stale one.
        f"{catalog}.cache-enabled": "false",
        "spark.sql.defaultCatalog": CATALOG_NAME,
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        # Else PySpark tells the JVM at each call of a function where in Python it stands: half the time of such calls.
        # What is given up is that line in the errors of queries.
        "spark.python.sql.dataFrameDebugging.enabled": "false",
        # Whether a required column holds nulls is for the gate and the writer to say, not for nullable types.
        "spark.sql.iceberg.check-nullability": "false",
        # Code that was made for a query is kept for the next one like it: a round over all tables makes more than the
        # hundred pieces that Spark keeps, and would make and compile all of them again in every round.
        "spark.sql.codegen.cache.maxEntries": "2000",
        "spark.sql.shuffle.partitions": str(max(2, os.cpu_count() or 2)),
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
        "spark.driver.memory": settings.spark_driver_memory,
        # Of the code that Spark makes for a wide table some methods are so long that the JVM would only interpret them.
        # What a user gives as extraJavaOptions comes after these.
        "spark.driver.defaultJavaOptions": f"-XX:-DontCompileHugeMethods {settings.spark_java_options}",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(settings.work_dir / "spark"),
    }


def write_options(rows: int = 0) -> dict[str, str]:
    """How Spark writes to a table of which a day gains so many rows, as far as that is known before.

    Few are brought together first, so that each partition gains one file. Of many, each task writes what it has: all
    rows of a day would go to one task, while the machine's other processors wait.
    """
    return ONE_FILE_OPEN | (AS_THEY_ARE if rows > TOGETHER_ROWS else {})


class Engine:
    """The Spark session of one process, started when first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def spark(self) -> "SparkSession":
        """The session."""
        from pyspark.sql import SparkSession

        if self.settings.spark_remote:
            return SparkSession.builder.remote(self.settings.spark_remote).getOrCreate()
        # Executors must run this interpreter, whatever `python3` happens to be on the PATH.
        run_workers_with(sys.executable)
        self.settings.work_dir.mkdir(parents=True, exist_ok=True)
        with _stderr_to(self.settings):
            builder = SparkSession.builder.master(self.settings.spark_master).appName("guanxi")
            for key, value in spark_settings(self.settings).items():
                builder = builder.config(key, value)
            session = builder.getOrCreate()
            session.sparkContext.setLogLevel("ERROR")
        return session

    def read(self, name: str, snapshot_id: int) -> "DataFrame":
        """One version of a table."""
        return self.spark.read.option("versionAsOf", snapshot_id).table(f"{CATALOG_NAME}.{name}")

    def stop(self) -> None:
        """End the session if one was started."""
        if "spark" in self.__dict__:
            self.spark.stop()
            del self.spark


class _stderr_to:  # noqa: N801 - used as a context manager
    """Sends what the JVM writes while it starts (it inherits file descriptor 2) to a log file."""

    def __init__(self, settings: Settings) -> None:
        self.log = settings.work_dir / "spark.log" if settings.spark_quiet else None

    def __enter__(self) -> None:
        if self.log is not None:
            sys.stderr.flush()
            self.saved = os.dup(2)
            with self.log.open("ab") as opened:
                os.dup2(opened.fileno(), 2)

    def __exit__(self, *_: object) -> None:
        if self.log is not None:
            os.dup2(self.saved, 2)
            os.close(self.saved)
