"""`./run erase` and `./run export`: one address, however it is written; never a silent nothing, never unasked."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from lantern.management.commands._contact import CHANNELS, read_address
from records.models import Contact
from tests.records.conftest import *  # noqa: F403

ANA = "+15005550006"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def run(monkeypatch, capsys):
    """Run one of the two: its exit code, and what it said."""

    def ran(name, channel, *words, stdin, terminal=False):
        monkeypatch.setattr("sys.stdin", (Terminal if terminal else io.StringIO)(stdin))
        code = 0
        try:
            call_command(name, channel, *words)
        except SystemExit as end:
            code = end.code
        said = capsys.readouterr()
        return code, said.out + said.err

    return ran


@pytest.mark.parametrize(
    "typed",
    [ANA, "+1 500 555 0006", "+1 (500) 555-0006\n", "+1.500.555.0006", "\u202a+1\u2011500\u2011555\u20110006\u202c"],
)
def test_a_number_is_found_however_it_is_written(typed):
    assert read_address("sms", typed) == read_address("whatsapp", typed) == ANA


def test_a_zero_that_is_not_dialled_from_abroad_is_left_out():
    assert read_address("sms", "+44 (0)20 7946 0018") == "+442079460018"


@pytest.mark.parametrize(
    ("channel", "typed"),
    [("sms", ""), ("sms", "5005550099"), ("sms", "@ana"), ("telegram", ANA), ("telegram", "@ana"), ("sim-sms", " ")],
)
def test_what_is_no_address_is_refused_and_the_right_form_named(line, run, channel, typed):
    for name in ("erase", "export"):
        code, said = run(name, channel, stdin=f"{typed}\n")

        assert code == 2
        assert f"no address on {channel}; right is" in said
        assert not typed.strip() or typed not in said.replace("+15005550006, or", "").replace(
            "such as +15005550006", ""
        )


def test_nothing_is_never_told_as_done_and_another_channel_is_named(line, run):
    line.receives("hello", address=ANA)

    assert run("erase", "whatsapp", "--yes", stdin="+1 500 555 0006\n") == (
        1,
        "Nothing is kept under this address on whatsapp. It is known on sms. Nothing was erased.\n",
    )
    assert run("export", "telegram", stdin="4711\n") == (1, "Nothing is kept under this address on telegram.\n")
    assert Contact.objects.count() == 1


def test_without_a_terminal_it_asks_for_yes_and_erases_nothing(line, run):
    line.receives("hello", address=ANA)

    code, said = run("erase", "sms", stdin=f"{ANA}\n")

    assert (code, Contact.objects.count()) == (2, 1)
    assert "Kept under this address on sms: 1 conversation." in said
    assert "--yes" in said


@pytest.mark.parametrize(("answer", "code", "left"), [("yes", 0, 0), ("no", 1, 1), ("", 1, 1)])
def test_at_a_terminal_the_count_is_shown_and_asked_before_anything_goes(line, run, answer, code, left):
    line.receives("hello", address=ANA)

    ended, said = run("erase", "sms", stdin=f"+1 500 555-0006\n{answer}\n", terminal=True)

    assert (ended, Contact.objects.count()) == (code, left)
    assert "1 conversation" in said
    assert ("Nothing was erased" in said) == bool(left)


def test_yes_erases_without_asking(line, run):
    line.receives("hello", address=ANA)

    code, said = run("erase", "sms", "--yes", stdin="+1 (500) 555-0006\n")

    assert (code, Contact.objects.exists()) == (0, False)
    assert "1 message may still be at the provider" in said


def test_the_help_of_both_has_an_example(command):
    for name in ("erase", "export"):
        assert f"./run {name} sms" in command(name, "--help").stdout


def test_every_channel_has_a_reading():
    assert all(read_address(channel, "+15005550006") or read_address(channel, "4711") for channel in CHANNELS)
