"""What was heard in a message: marked in its words with weight and rule, whole syllables, what is surest first."""

from __future__ import annotations

import pytest
from django.utils import translation

from desk import evidence, labels
from records.models import InboxMessage
from screening.score import Line


def _marked(text, *findings, weights=None):
    rows = [{"kind": "indicator", "source": "model", "confidence": 0.9, "band": "sure", **one} for one in findings]
    return evidence.mark(text, rows, weights or {})


def test_words_of_a_finding_are_marked_with_weight_and_rule():
    weights = {"documents_withheld": Line(indicator="documents_withheld", dimension="CON", weight="S", rule="x")}
    text = "Boss  keep, Pasport and hit me"

    made = _marked(
        text,
        {"id": "documents_withheld", "words": "boss keep pasport"},
        {"id": "immediate_danger", "kind": "risk", "words": "hit me", "source": "danger.hit.en"},
        weights=weights,
    )

    assert "".join(piece.text for piece in made.pieces) == text
    by = {piece.text: piece for piece in made.pieces if piece.heard}
    assert by["Boss  keep, Pasport"].heard[0].how == "strong control, heard by the model, 90 %"
    assert (by["hit me"].kind, by["hit me"].heard[0].how) == ("risk", "rule danger.hit.en")


def test_overlapping_findings_share_their_words_and_lost_ones_stand_below():
    made = _marked(
        "locked in the room", {"id": "confinement", "words": "locked in"}, {"id": "isolation", "words": "in the room"},
        {"id": "threats", "words": "words that are not there"}, {"id": "age", "kind": "detail", "words": "not there"},
    )  # fmt: skip

    assert [(piece.text, len(piece.heard)) for piece in made.pieces] == [("locked ", 1), ("in", 2), (" the room", 1)]
    assert [one.kind for one in made.elsewhere] == ["indicator"]


def test_marks_stand_in_the_thread_and_what_was_written_stays_text(hotline, seated):
    conversation = hotline.conversation("<i>boss</i> keep pasport")
    row = InboxMessage.objects.get()
    found = [
        {"id": "documents_withheld", "kind": "indicator", "words": "<i>boss</i>", "source": "rule.x", "band": "grey"}
    ]
    InboxMessage.objects.update(findings=row.sealed_findings(row.conversation.open_key(), found))

    page = seated().get(f"/desk/c/{conversation}/").content.decode()

    assert "<mark>&lt;i&gt;boss&lt;/i&gt;</mark>" in page
    assert "not counted, not sure, rule rule.x" in page


@pytest.mark.parametrize(
    ("text", "words", "marked"),
    [
        ("သူက ရိုက်တယ်", "ရိုက", "ရိုက်"),  # the last letter of the syllable and its mark
        ("သူက ရိုက်တယ်", "ရိ", "ရိုက်"),
        ("មានកាំបិត", "មានក", "មានកាំ"),
        ("เขาตีฉันที่บ้าน", "ขาตีฉ", "เขาตีฉั"),
        ("उसने मारा", "उसन", "उसने"),
        ("help 👩🏽 me", "help 👩", "help 👩🏽"),
    ],
)
def test_a_mark_never_ends_inside_a_syllable(text, words, marked):
    made = _marked(text, {"id": "violence", "words": words})

    assert [piece.text for piece in made.pieces if piece.heard] == [marked]
    assert "".join(piece.text for piece in made.pieces) == text


def test_what_was_hardly_heard_stands_apart_and_below_what_is_sure(hotline, seated):
    text = "he will kill me"
    found = [
        {"id": "sexual_exploitation", "words": text, "confidence": 0.16, "band": "grey"},
        {"id": "confinement", "words": text, "confidence": 0.45, "band": "grey"},
        {"id": "threats", "words": text, "confidence": 0.4},
    ]

    made = _marked(text, *found)

    assert [one.title for one in made.pieces[0].heard] == [labels.finding("threats"), labels.finding("confinement")]
    assert ([one.title for one in made.weak], made.elsewhere) == ([labels.finding("sexual_exploitation")], ())


def test_weights_are_told_in_the_language_of_the_desk():
    weights = {"documents_withheld": Line(indicator="documents_withheld", dimension="CON", weight="S", rule="x")}

    with translation.override("es"):
        made = _marked("pasaporte", {"id": "documents_withheld", "words": "pasaporte"}, weights=weights)

    assert made.pieces[0].heard[0].how.startswith("control, señal fuerte")
