"""Where the master key comes from: environment, file, command, or (demo only) a file beside the user's other state.

The key never lies in the data folder, so that a copy of the data folder opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import shlex
import subprocess
from pathlib import Path

from lantern.config import MASTER_KEY_BYTES, Settings, SettingsError, read_key

COMMAND_S = 30  # a key service behind a network


def master_keys(settings: Settings) -> tuple[bytes, ...]:
    """The key that seals, 32 bytes that wrap every other key; after it those that only open, while keys are changed.

    Raises:
        SettingsError: the file or the command does not give a key.
    """
    if settings.master_key:
        found: tuple[bytes, ...] = (settings.master_key,)
    elif settings.master_key_file:
        found = _from_file(settings.master_key_file)
    elif settings.master_key_command:
        found = _from_command(settings.master_key_command)
    else:
        found = _demo_key(demo_key_file(settings))
    return tuple(dict.fromkeys((*found, *settings.other_master_keys)))


def demo_key_file(settings: Settings) -> Path:
    """The demo's key file: outside the data folder, one for each data folder."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    name = hashlib.sha256(str(settings.data.resolve()).encode()).hexdigest()[:16]
    return state / "lantern-demo" / f"{name}.key"


def _from_file(path: Path) -> tuple[bytes, ...]:
    try:
        return _read(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError([f"LANTERN_MASTER_KEY_FILE: cannot read {path}: {problem}"]) from problem
    except ValueError as problem:
        raise SettingsError([f"LANTERN_MASTER_KEY_FILE: {path}: {problem}"]) from problem


def _from_command(command: str) -> tuple[bytes, ...]:
    """Ask a key service. What the command says of a failure is left out: it may hold a secret."""
    name = "LANTERN_MASTER_KEY_COMMAND"
    try:
        words = shlex.split(command)
        done = subprocess.run(words, capture_output=True, timeout=COMMAND_S, check=True, stdin=subprocess.DEVNULL)  # noqa: S603 (the operator's own command, without a shell)
        return _read(done.stdout.decode("ascii"))
    except subprocess.CalledProcessError as problem:
        raise SettingsError([f"{name}: the command ended with code {problem.returncode}"]) from None
    except subprocess.TimeoutExpired:
        raise SettingsError([f"{name}: the command gave no key in {COMMAND_S} s"]) from None
    except OSError as problem:
        raise SettingsError([f"{name}: the command cannot be run: {problem.strerror}"]) from None
    except ValueError:
        raise SettingsError([f"{name}: the command must print the base64 of {MASTER_KEY_BYTES} bytes"]) from None


def _read(text: str) -> tuple[bytes, ...]:
    return tuple(read_key(line) for line in text.split()) or (read_key(""),)


def _demo_key(path: Path) -> tuple[bytes, ...]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _from_file(path)
    with os.fdopen(handle, "wb") as out:
        out.write(base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)))
    return _from_file(path)
