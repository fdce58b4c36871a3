"""Nothing in a backup can be changed, left out, moved or cut off unseen."""

from __future__ import annotations

import io

import pytest

from lantern.backup import BackupError, envelope
from lantern.backup.envelope import EXTRA, FRAME

KEY = bytes(range(32))
BODY = bytes(range(256)) * 1024  # four frames


def written(body=BODY):
    out = io.BytesIO()
    envelope.write(
        out, envelope.Label("20261122-1200-aa", "2026-11-22T12:00:00+00:00"), KEY, {"rows": {"a": 1}}, [body]
    )
    return out.getvalue()


def read(raw, key=KEY):
    source = io.BytesIO(raw)
    _, head = envelope.read_label(source)
    manifest, body = envelope.read(source, head, key)
    return manifest, b"".join(body)


@pytest.mark.parametrize("length", [0, 1, FRAME - 5, FRAME, 3 * FRAME + 7])
def test_what_went_in_comes_out(length):
    body = BODY[:length]

    assert read(written(body)) == ({"rows": {"a": 1}}, body)


def changed(raw):
    return raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:]


def relabelled(raw):
    return raw.replace(b"20261122-1200-aa", b"20261122-1200-ab", 1)


def swapped(raw):
    begin = len(raw) % (FRAME + EXTRA)
    size, start = FRAME + EXTRA, raw.index(b"\n", len(envelope.MAGIC)) + 1 + envelope.START
    assert begin
    return raw[:start] + raw[start + size : start + 2 * size] + raw[start : start + size] + raw[start + 2 * size :]


def without_end(raw):
    start = raw.index(b"\n", len(envelope.MAGIC)) + 1 + envelope.START
    return raw[: start + 2 * (FRAME + EXTRA)]  # ends between two frames


@pytest.mark.parametrize(
    "broken", [changed, relabelled, swapped, without_end, lambda raw: raw[:-1], lambda raw: raw + b"x"]
)
def test_what_was_touched_is_refused(broken):
    with pytest.raises(BackupError):
        read(broken(written()))


def test_another_key_does_not_open():
    with pytest.raises(BackupError):
        read(written(), bytes(32))
