"""Slips: what somebody takes back in the same message is not read as told; everything else is."""

from __future__ import annotations

import pytest

from bot.understanding.clean import clean
from bot.understanding.sayings import SayingNet
from bot.understanding.slips import without_slip
from content.corrections import SLIP
from content.sayings import Saying


def _net(language, *match):
    saying = Saying(id=SLIP, language=language, match=match, near=(), unless=(), yes=(), no=(), where="here")
    return SayingNet([saying], (SLIP,))


EN, MY = _net("en", "no wait", "typo", "i mean"), _net("my", "မှားရိုက်မိ")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("the boss has my passport.. no wait i just found it", "no wait i just found it"),
        ("She is my sister. She is 17, Typo! 27", "She is my sister. Typo! 27"),
        ("he hits us, and he has 3.. I MEAN 4 of us here", "he hits us, I MEAN 4 of us here"),
        ("no wait", "no wait"),
        ("she is 17.. 27, typo", "she is 17.. 27, typo"),
        ("he has my passport", "he has my passport"),
    ],
)
def test_the_clause_before_the_words_of_correction_is_left_out(text, left):
    assert without_slip(clean(text), EN, ("en",)).text == left


def test_scripts_without_spaces_are_cut_at_the_words_too():
    text = "သူ့အသက် ၁၇ .. အဲ မှားရိုက်မိတာ ၂၇ ပါ"

    assert without_slip(clean(text), MY, ("my",)).text == "သူ့အသက် မှားရိုက်မိတာ ၂၇ ပါ"


def test_in_chinese_a_space_parts_what_is_taken_back():
    text = "她被打了 护照在老板那里 不对写错了 护照我找到了"

    assert without_slip(clean(text), _net("zh", "写错了"), ("zh",)).text == "她被打了 写错了 护照我找到了"


def test_the_last_of_several_corrections_counts():
    assert without_slip(clean("he is 15, no wait 16, no wait 26"), EN, ("en",)).text == "he is 15, no wait 26"
