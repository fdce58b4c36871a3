"""SMS parts: counted as networks do, long texts cut where a reader would breathe."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.parts import GSM_BASIC, GSM_EXTENSION, outside_gsm, parts, split_by_sentence


@pytest.mark.parametrize(
    ("text", "encoding", "units", "count"),
    [
        ("", "gsm-7", 0, 1),
        ("a" * 160, "gsm-7", 160, 1),
        ("a" * 161, "gsm-7", 161, 2),
        ("a" * 306, "gsm-7", 306, 2),
        ("a" * 307, "gsm-7", 307, 3),
        ("€" * 80, "gsm-7", 160, 1),
        ("€" * 81, "gsm-7", 162, 2),
        ("a" * 152 + "€" + "a" * 152, "gsm-7", 306, 3),  # € would straddle the first two parts
        ("àèéìòùÇØÅÄÖÑÜß¿¡ΔΦ", "gsm-7", 18, 1),
        ("Í", "ucs-2", 1, 1),
        ("ç", "ucs-2", 1, 1),  # only the capital stands in the alphabet
        ("က" * 70, "ucs-2", 70, 1),
        ("က" * 71, "ucs-2", 71, 2),
        ("က" * 135, "ucs-2", 135, 3),
        ("😀" * 35, "ucs-2", 70, 1),
        ("😀" * 36, "ucs-2", 72, 2),
        ("😀" * 67, "ucs-2", 134, 3),  # 33 pairs fit a part of 67
        ("a" * 152 + "’", "ucs-2", 153, 3),
    ],
)
def test_parts(text, encoding, units, count):
    found = parts(text)

    assert (found.encoding, found.units, found.count) == (encoding, units, count)


def test_smart_encoding_saves_a_text_from_ucs2():
    assert parts("don’t", smart=True).encoding == "gsm-7"
    assert parts("don’t").encoding == "ucs-2"


def test_the_alphabet_has_its_size():
    assert len(GSM_BASIC) == 127  # 128 places, one of them the escape to the extension
    assert len(GSM_EXTENSION) == 10
    assert outside_gsm("Íñ“Í") == ("Í", "“")


@given(st.text(max_size=400))
def test_what_is_left_fits_the_last_part(text):
    found = parts(text)

    assert found.count >= 1
    assert 0 <= found.left <= 160


def test_a_long_text_is_cut_after_a_sentence():
    assert split_by_sentence("One is here. Two is there. Three.", 20) == ["One is here.", "Two is there. Three."]
    assert split_by_sentence("ကျွန်တော်။ နောက်တစ်ခု။", 14)[0] == "ကျွန်တော်။"


def test_without_sentences_at_a_space_and_without_spaces_hard():
    assert split_by_sentence("aaa bbb ccc", 7) == ["aaa bbb", "ccc"]
    assert split_by_sentence("a" * 10, 4) == ["aaaa", "aaaa", "aa"]


@given(st.text(alphabet="ab. \n", max_size=200), st.integers(min_value=1, max_value=50))
def test_nothing_but_spaces_is_lost_by_cutting(text, limit):
    pieces = split_by_sentence(text, limit)

    assert all(len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
