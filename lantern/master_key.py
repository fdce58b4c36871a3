"""Where the master key comes from: environment, file, or (demo only) a file beside the user's other state.

The key never lies in the data folder, so that a copy of the data folder opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
from pathlib import Path

from lantern.config import MASTER_KEY_BYTES, Settings, SettingsError, read_key


def master_key(settings: Settings) -> bytes:
    """The 32 bytes that wrap every other key.

    Raises:
        SettingsError: the file is missing or does not hold a key.
    """
    if settings.master_key:
        return settings.master_key
    if settings.master_key_file:
        return _from_file(settings.master_key_file)
    return _demo_key(demo_key_file(settings))


def demo_key_file(settings: Settings) -> Path:
    """The demo's key file: outside the data folder, one for each data folder."""
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    name = hashlib.sha256(str(settings.data.resolve()).encode()).hexdigest()[:16]
    return state / "lantern-demo" / f"{name}.key"


def _from_file(path: Path) -> bytes:
    try:
        return read_key(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError([f"LANTERN_MASTER_KEY_FILE: cannot read {path}: {problem}"]) from problem
    except ValueError as problem:
        raise SettingsError([f"LANTERN_MASTER_KEY_FILE: {path}: {problem}"]) from problem


def _demo_key(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _from_file(path)
    with os.fdopen(handle, "wb") as out:
        out.write(base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)))
    return _from_file(path)
