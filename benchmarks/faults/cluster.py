"""Cluster: PostgreSQL to be broken, behind a network of its own where that can be made."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.integration.place import free_port

IP = shutil.which("ip") or ""


class Cluster:
    """PostgreSQL of its own, behind a network of its own where that can be made."""

    def __init__(self, folder: Path, *, network: bool = True) -> None:
        self.folder, self.port = folder, free_port()
        self.bin = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self.net = f"lantern-{os.getpid()}" if network and os.geteuid() == 0 and IP else None
        self.link = f"lan{os.getpid() % 100000}"
        self.host = "10.213.7.2" if self.net else "127.0.0.1"
        self.url = f"postgresql://postgres@{self.host}:{self.port}/postgres"

    def make(self) -> None:
        self.folder.mkdir()
        for above in self.folder.parents:  # the server is another user, who has to get there
            if not above.stat().st_mode & stat.S_IXOTH:
                above.chmod(above.stat().st_mode | stat.S_IXOTH)
        shutil.chown(self.folder, "postgres")
        if self.net:
            self._ip("netns", "add", self.net)
            self._ip("link", "add", self.link, "type", "veth", "peer", "name", "eth0", "netns", self.net)
            self._ip("addr", "add", "10.213.7.1/24", "dev", self.link)
            self._ip("link", "set", self.link, "up")
            for words in (
                ("addr", "add", "10.213.7.2/24", "dev", "eth0"),
                ("link", "set", "eth0", "up"),
                ("link", "set", "lo", "up"),
            ):
                self._ip("-n", self.net, *words)
        self._as_postgres(
            f"{self.bin}/initdb -D {self.folder}/data -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync"
        )
        with (self.folder / "data" / "pg_hba.conf").open("a") as file:
            file.write("host all all 10.213.7.0/24 trust\n")
        self.start()

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses={self.host} -c unix_socket_directories={self.folder}"
        self._as_postgres(f"{self.bin}/pg_ctl -D {self.folder}/data -l {self.folder}/log -w -o '{options}' start")

    def stop(self, mode: str) -> None:
        self._as_postgres(f"{self.bin}/pg_ctl -D {self.folder}/data -m {mode} -w stop")

    def cut(self, *, off: bool) -> None:
        """A cable that is pulled at the other end: packets vanish, nobody is told."""
        self._ip("-n", str(self.net), "link", "set", "eth0", "down" if off else "up")

    def remove(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._as_postgres(f"tail -n 20 {self.folder}/log >&2")
            self.stop("immediate")
        if self.net:
            self._ip("netns", "del", self.net)

    def _as_postgres(self, command: str) -> None:
        inside = [IP, "netns", "exec", self.net] if self.net else []
        clean = {"PATH": os.environ["PATH"]}  # a place ends all that carry its data folder in their environment
        command_line = [*inside, "su", "postgres", "-s", "/bin/sh", "-c", command]
        subprocess.run(command_line, check=True, stdout=subprocess.DEVNULL, env=clean)

    def _ip(self, *words: str) -> None:
        subprocess.run([IP, *words], check=True)


@contextlib.contextmanager
def cluster(folder: Path, *, network: bool = True) -> Iterator[Cluster]:
    found = Cluster(folder, network=network)
    try:
        found.make()
        yield found
    finally:
        found.remove()
