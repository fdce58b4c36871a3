"""Quiet: libraries' own deprecations are not shown by a command; everything else is."""

from __future__ import annotations

import sys
import warnings

import pytest

from lantern.quiet import quiet_libraries

INSTALLED = "/somewhere/lib/python3.10/site-packages/old/thing.py"


@pytest.fixture
def shown(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "warnoptions", [])
    monkeypatch.setattr(warnings, "showwarning", lambda message, *_: told.append(str(message)))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        quiet_libraries()
        yield told


def warned(message, category, filename):
    warnings.warn_explicit(message, category, filename, 1)


def test_what_a_library_is_warned_of_is_not_shown(shown):
    warned("declare_namespace is old", DeprecationWarning, INSTALLED)
    warned("load_module() is old", DeprecationWarning, "<frozen importlib._bootstrap>")
    warned("Slot auto-fill has been removed in 3.0", UserWarning, INSTALLED)

    assert shown == []


def test_what_our_own_code_is_warned_of_and_what_is_no_deprecation_is_shown(shown):
    warned("ours is old", DeprecationWarning, "/somewhere/desk/board.py")
    warned("the disk is full", UserWarning, INSTALLED)
    warned("a file was not closed", ResourceWarning, INSTALLED)

    assert shown == ["ours is old", "the disk is full", "a file was not closed"]


def test_who_asks_for_warnings_gets_all(monkeypatch):
    show = warnings.showwarning
    monkeypatch.setattr(sys, "warnoptions", ["default"])

    quiet_libraries()

    assert warnings.showwarning is show
