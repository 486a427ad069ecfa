"""An environment with Spark, a catalogue and a place for tables of one's own, and steps run there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from oracle.environments import python_with

from lifecycle_tools.build import PROJECT_DIR

HERE = Path(__file__).parent
LOCKS = {"4": HERE / "requirements.txt", "3.5": HERE / "requirements_3_5.txt"}
OLDEST_JAVA = 17

# Small data in one process: what a cluster wants (code generated for each query, many partitions, plans revised as they
# run) costs more here than it gives, and most of the time is spent in planning.
CONFIGURATION = {
    "spark.master": "local[2]",
    "spark.driver.memory": "2g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.default.parallelism": "2",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.debug.maxToStringFields": "1",
    "spark.sql.ui.retainedExecutions": "0",
}
JAVA_OPTIONS = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -Xss4m"
LOGGING = """
rootLogger.level = fatal
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %p %c{1}: %m%n
"""


@dataclass(frozen=True)
class Spark:
    """Spark in local mode; everything it keeps lies in ``directory``."""

    python: Path
    directory: Path

    def run(self, steps: Sequence[Mapping[str, Any]]) -> str:
        """Run the steps of run_steps.py in one session and return what they printed; RuntimeError with it when one fails."""
        running = self.start(steps)
        printed, complaints = running.communicate()
        if running.returncode != 0:
            raise RuntimeError(printed + complaints[-4000:])
        return printed

    def start(self, steps: Sequence[Mapping[str, Any]]) -> subprocess.Popen[str]:
        """Run the steps in a process that goes on by itself, the first of a group of its own."""
        plan = self.directory / "steps.json"
        plan.write_text(json.dumps(list(steps)))
        settings = {
            name: value for name, value in os.environ.items() if not name.startswith(("RAW_", "DBT_", "SPARK_"))
        }
        settings |= {
            "SPARK_CONF_DIR": str(self.directory / "conf"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "DBT_PROJECT_DIR": str(PROJECT_DIR),
            "DBT_PROFILES_DIR": str(PROJECT_DIR),
            "DBT_TARGET_PATH": str(self.directory / "target"),
            "DBT_LOG_PATH": str(self.directory / "logs"),
            "DO_NOT_TRACK": "1",
        }
        return subprocess.Popen(
            [self.python, HERE / "run_steps.py", plan], env=settings, cwd=self.directory, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def files(self, schema: str, table: str) -> list[Path]:
        """The Parquet files of a table, or of the copy of a view."""
        return sorted(file for folder in self._folders(schema) for file in (folder / table).rglob("*.parquet"))

    def tables(self, schemas: Sequence[str]) -> list[tuple[str, str]]:
        """Schema and name of every table and every copied view in these schemas, by name."""
        return sorted(
            (schema, table.name) for schema in schemas for folder in self._folders(schema) for table in folder.iterdir()
        )

    def _folders(self, schema: str) -> list[Path]:
        return [path for name in ("warehouse", "views") if (path := self.directory / name / f"{schema}.db").exists()]


def spark_in(directory: Path, version: str = "4") -> Spark:
    """Make settings, catalogue and warehouse of a Spark of LOCKS below ``directory``. RuntimeError without a Java to run it."""
    return spark_with(python_with(LOCKS[version], f"spark_{version}"), directory)


def spark_with(python: Path, directory: Path, further: Mapping[str, str] = MappingProxyType({})) -> Spark:
    """Make them for the Spark of an environment, with ``further`` settings of Spark."""
    _check_java()
    configuration = CONFIGURATION | {
        "spark.sql.warehouse.dir": str(directory / "warehouse"),
        "spark.hadoop.javax.jdo.option.ConnectionURL": f"jdbc:derby:;databaseName={directory}/catalogue;create=true",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={directory} {JAVA_OPTIONS}",
    }
    configuration |= further
    (directory / "conf").mkdir(parents=True)
    lines = [f"{name} {value}" for name, value in configuration.items()]
    (directory / "conf" / "spark-defaults.conf").write_text("\n".join(lines) + "\n")
    (directory / "conf" / "log4j2.properties").write_text(LOGGING)
    return Spark(python, directory)


def _check_java() -> None:
    java = Path(os.environ["JAVA_HOME"]) / "bin" / "java" if os.environ.get("JAVA_HOME") else shutil.which("java")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr if java else ""
    version = said.partition('version "')[2].partition(".")[0].partition('"')[0]
    if not version.isdigit() or int(version) < OLDEST_JAVA:
        raise RuntimeError(
            f"Spark needs Java {OLDEST_JAVA} or later (on Debian: apt-get install openjdk-17-jre-headless)."
        )
