"""Spark 3.5 with Apache Iceberg in a session catalogue on Hive: what most users of Iceberg on Spark have."""

from __future__ import annotations

from pathlib import Path

from oracle.environments import python_with
from spark.environment import Spark, spark_with

from iceberg.shaded_jackson import write_shaded_jackson

LOCK = Path(__file__).with_name("requirements.txt")
RUNTIME = "lib/python3*/site-packages/snowpark_connect_deps_iceberg/jars/iceberg-spark-runtime-3.5_2.12-*.jar"
JARS_OF_PYSPARK = "lib/python3*/site-packages/pyspark/jars"


def iceberg_in(directory: Path) -> Spark:
    """Make settings, catalogue and warehouse below ``directory``. RuntimeError without a Java to run it."""
    python = python_with(LOCK, "spark_iceberg")
    environment = python.parent.parent
    (runtime,), (jars,) = environment.glob(RUNTIME), environment.glob(JARS_OF_PYSPARK)
    jackson = environment / "shaded-jackson.jar"
    if not jackson.exists():
        write_shaded_jackson(jars, jackson.with_suffix(".new"))
        jackson.with_suffix(".new").rename(jackson)
    return spark_with(
        python,
        directory,
        {
            "spark.driver.extraClassPath": f"{runtime}:{jackson}",
            "spark.sql.extensions": "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
            "spark.sql.catalog.spark_catalog": "org.apache.iceberg.spark.SparkSessionCatalog",
            "spark.sql.catalog.spark_catalog.type": "hive",
            # Derby, the catalogue's database here, has no locks of Hive
            "spark.hadoop.iceberg.engine.hive.lock-enabled": "false",
        },
    )
