"""The tests' one JVM as a Spark Connect server: for processes that are to end without taking a JVM along."""

from collections.abc import Iterator
from contextlib import contextmanager

from pyspark.sql import SparkSession

from infra.app.demo.system import free_port


@contextmanager
def serving_sessions(spark: SparkSession) -> Iterator[str]:
    """Serve sessions of a JVM; gives the address that a client names (`sc://host:port`)."""
    jvm = spark._jvm
    assert jvm is not None
    port = str(free_port())
    settings = jvm.org.apache.spark.SparkEnv.get().conf()
    settings.set("spark.connect.grpc.binding.address", "127.0.0.1").set("spark.connect.grpc.binding.port", port)
    service = jvm.org.apache.spark.sql.connect.service.SparkConnectService
    service.start(spark.sparkContext._jsc.sc())
    try:
        yield f"sc://127.0.0.1:{port}"
    finally:
        service.stop(jvm.scala.Option.empty(), jvm.scala.Option.empty())
