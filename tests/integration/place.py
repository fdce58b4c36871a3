"""A place of its own for real processes: data folder, database, ports, captured output; all groups ended at the end.

Knows no Django: a test and a benchmark both drive it from outside, as an operator would.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).parents[2]
KEY = base64.b64encode(bytes(range(32))).decode()
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Place:
    """Starts and kills the line's own processes."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder, self.data, self.logs = folder, folder / "data", folder / "logs"
        self.data.mkdir(parents=True)
        self.logs.mkdir()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = os.environ.get("DATABASE_URL")  # a benchmark puts our own in its place
        self._database = _own_database(self._server)
        # Without bytecode each start of Rasa compiles it anew, which takes three times as long.
        unwanted = ("PYTHONDONTWRITEBYTECODE", "REDIS_URL")
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("LANTERN_") and name not in unwanted
        }
        self.environ = kept | dict.fromkeys(ONE_THREAD, "1") | {
            "LANTERN_DATA": str(self.data),
            "LANTERN_PORT": str(self.port),
            "LANTERN_MASTER_KEY": KEY,
            "XDG_STATE_HOME": str(folder / "state"),
            "DJANGO_SETTINGS_MODULE": "lantern.settings",
            "PYTHONPATH": str(ROOT),
            **({"DATABASE_URL": self._database} if self._database else {}),
            **environ,
        }  # fmt: skip
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._started = 0

    @property
    def database_name(self) -> str:
        """What Django calls the database."""
        return urlsplit(self._database).path.lstrip("/") if self._database else str(self.data / "lantern.sqlite3")

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """What the database of the place answers."""
        if self._database is None:
            with contextlib.closing(sqlite3.connect(self.database_name)) as file:
                return list(file.execute(sql))
        import psycopg

        with psycopg.connect(self._database, autocommit=True) as server:
            return list(server.execute(sql.encode()))

    def migrate(self) -> None:
        subprocess.run(  # not through a command of ours, so that nothing but the schema is there
            [sys.executable, "-m", "django", "migrate", "-v0"], cwd=ROOT, env=self.environ, check=True, timeout=120
        )

    def use_model(self, archive: Path) -> None:
        """Put a trained model where the runner looks for the model of today's inputs."""
        from lantern.model_store import model_path

        wanted = model_path(self.data)
        wanted.parent.mkdir(exist_ok=True)
        shutil.copy(archive, wanted)

    def start(self, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start `./run NAME`, in a process group of its own, its output kept in a file."""
        self._started += 1
        with (self.logs / f"{self._started:03}-{name}.log").open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "lantern", name, *arguments],
                cwd=ROOT, env=self.environ, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip
        self.running[name] = process
        return process

    def start_redis(self) -> str | None:
        """Start a Redis that keeps nothing on disk; None where there is no server."""
        server = shutil.which("redis-server")
        if server is None:
            return None
        port = free_port()
        command = [server, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
        with (self.logs / "redis.log").open("wb") as out:
            self.running["redis"] = subprocess.Popen(
                command, cwd=self.folder, stdout=out, stderr=out, start_new_session=True
            )
        until(lambda: _listens(port), 10, "Redis")
        self.environ["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
        return self.environ["REDIS_URL"]

    def children_of(self, name: str) -> list[int]:
        """The lanes of the runner: children that are no program of their own."""
        process = self.running[name]
        try:
            found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii")
        except OSError:
            return []
        return [int(pid) for pid in found.split()]

    def kill(self, name: str) -> None:
        """kill -9 of the process alone: its children are left to find out."""
        process = self.running.pop(name)
        process.kill()
        process.wait(10)

    def ends(self, name: str, timeout_s: float = 15) -> int:
        """Ask a process to end, as a supervisor does; return its code."""
        process = self.running.pop(name)
        process.terminate()
        try:
            return process.wait(timeout_s)
        finally:
            _end_group(process)

    def answers(self, path: str = "/healthz", codes: tuple[int, ...] = (200,)) -> bool:
        return self.status_of(path) in codes

    def status_of(self, path: str) -> int | None:
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code
        except OSError:
            return None

    def logged(self) -> str:
        """All that the processes have written."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.logs.iterdir()))

    def strays(self) -> list[int]:
        """Processes of this place that still run, whoever started them: told by their data folder."""
        wanted = f"LANTERN_DATA={self.data}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if wanted in entry.read_bytes().split(b"\0"):
                    found.append(int(entry.parent.name))
        return found

    def close(self) -> None:
        for process in self.running.values():
            _end_group(process)
        self.running.clear()
        for pid in self.strays():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._server and self._database:
            _drop_database(self._server, self._database)


def until(true: object, timeout_s: float, what: str, every_s: float = 0.05) -> None:
    """Wait until `true()`; the only kind of waiting here, as another process makes it so."""
    deadline = time.monotonic() + timeout_s
    while not true():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout_s} s")
        time.sleep(every_s)


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def _own_database(url: str | None) -> str | None:
    """A new database beside the one that is named, or None for SQLite."""
    if not url:
        return None
    import psycopg

    name = f"lantern_place_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def _drop_database(server: str, url: str) -> None:
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {urlsplit(url).path.lstrip('/')} WITH (FORCE)")
