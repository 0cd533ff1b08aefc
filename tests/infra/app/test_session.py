from pyspark.sql import SparkSession

from infra.lake.settings import Settings


def test_the_jvm_has_the_options_of_the_settings_and_compiles_what_is_long(spark: SparkSession) -> None:
    assert spark._jvm is not None

    given = spark._jvm.java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments()

    assert {"-XX:-DontCompileHugeMethods", Settings().spark_java_options} <= set(given)
