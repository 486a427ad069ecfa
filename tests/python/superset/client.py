"""A Superset of the tests' own, and its REST API."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SETTINGS = Path(__file__).parent / "superset_config.py"
THREADS = 8
START = 300  # seconds, on a machine with other things to do
PASSWORD = secrets.token_hex(16)
FIRST_USER = ("--username", "admin", "--firstname", "Ad", "--lastname", "Min", "--email", "admin@example.com")


@dataclass(frozen=True)
class Superset:
    """A running Superset: what is asked of it is answered, or raises RuntimeError with what it said."""

    address: str
    token: str = ""

    def get(self, path: str) -> Any:
        """What GET answers."""
        return self._ask(path)

    def post(self, path: str, content: Mapping[str, Any]) -> Any:
        """What POST answers to JSON."""
        return self._ask(path, json.dumps(content).encode(), "application/json")

    def upload(self, path: str, field: str, archive: bytes, **settings: str) -> Any:
        """What POST answers to a form with a zip file."""
        mark = secrets.token_hex(16)
        head = f'--{mark}\r\nContent-Disposition: form-data; name="'
        form = "".join(f'{head}{name}"\r\n\r\n{value}\r\n' for name, value in settings.items())
        form += f'{head}{field}"; filename="customer_lifecycle.zip"\r\nContent-Type: application/zip\r\n\r\n'
        body = form.encode() + archive + f"\r\n--{mark}--\r\n".encode()
        return self._ask(path, body, f"multipart/form-data; boundary={mark}")

    def rows(
        self, table: str, columns: Sequence[Any], metrics: Sequence[str], filters: Sequence[Any] = ()
    ) -> list[tuple]:
        """What a chart on the dataset of a table would show."""
        query = {"columns": list(columns), "metrics": list(metrics), "filters": list(filters), "row_limit": 50000}
        datasource = {"id": self.datasets()[table], "type": "table"}
        answer = self.post("/api/v1/chart/data", {"datasource": datasource, "queries": [query]})["result"][0]
        return [tuple(row[name] for name in answer["colnames"]) for row in answer["data"]]

    def sql_lab(self, query: str) -> list[dict[str, Any]]:
        """What a query in SQL Lab answers."""
        (database,) = (each["id"] for each in self.get("/api/v1/database/")["result"])
        asked = {"database_id": database, "client_id": secrets.token_hex(5), "schema": "marts", "sql": query}
        return self.post("/api/v1/sqllab/execute/", asked)["data"]

    def running(self) -> bool:
        """Whether a query of SQL Lab is being answered."""
        return any(each["status"] == "running" for each in self.get("/api/v1/query/")["result"])

    def datasets(self) -> dict[str, int]:
        """The id of each table's dataset."""
        found = self.get("/api/v1/dataset/?q=(page_size:500)")["result"]
        return {each["table_name"]: each["id"] for each in found}

    def charts(self) -> dict[str, int]:
        """The id of each chart of the dashboard."""
        found = self.get("/api/v1/dashboard/customer-lifecycle/charts")["result"]
        return {each["slice_name"]: each["id"] for each in found}

    def chart(self, number: int) -> dict[str, Any]:
        """What a chart of the dashboard shows: ``data``, the names of its columns, and the SQL that it asked."""
        return self.get(f"/api/v1/chart/{number}/data/")["result"][0]

    def _ask(self, path: str, body: bytes | None = None, kind: str = "") -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= {"Content-Type": kind} if body else {}
        request = urllib.request.Request(self.address + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.code} {error.read().decode(errors='replace')[:2000]}") from error


@contextmanager
def running(python: Path, directory: Path) -> Iterator[Superset]:
    """Set Superset up in ``directory`` as its documentation says, and serve it from one process of several threads."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SUPERSET", "FLASK"))}
    environment |= {
        "FLASK_APP": "superset.app:create_app()",
        "SUPERSET_CONFIG_PATH": str(SETTINGS),
        "SUPERSET_HOME": str(directory),
        "SUPERSET_SECRET_KEY": secrets.token_hex(32),
    }

    def run(*arguments: str) -> None:
        command = [python.parent / "superset", *arguments]
        done = subprocess.run(command, env=environment, cwd=directory, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"superset {arguments[0]} failed:\n{(done.stdout + done.stderr)[-4000:]}")

    run("db", "upgrade")
    run("fab", "create-admin", *FIRST_USER, "--password", PASSWORD)
    run("init")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    log = directory / "gunicorn.log"
    command = [python.parent / "gunicorn", "--bind", place, "--worker-class", "gthread", "--workers", "1"]
    command += ["--threads", str(THREADS), "--timeout", "300", "superset.app:create_app()"]
    with log.open("w") as written:
        server = subprocess.Popen(command, env=environment, cwd=directory, stdout=written, stderr=written)
    try:
        yield Superset(f"http://{place}", _token(f"http://{place}", server, log))
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


def _token(address: str, server: subprocess.Popen, log: Path) -> str:
    """Log in, as soon as Superset answers."""
    user = {"username": "admin", "password": PASSWORD, "provider": "db", "refresh": False}
    end = time.monotonic() + START
    while time.monotonic() < end and server.poll() is None:
        with suppress(OSError):  # it does not listen yet
            return Superset(address).post("/api/v1/security/login", user)["access_token"]
        time.sleep(0.5)
    raise RuntimeError(f"Superset did not start:\n{log.read_text()[-4000:]}")
