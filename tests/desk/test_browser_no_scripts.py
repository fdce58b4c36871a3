"""The desk in a real Chromium that runs no scripts: nothing that was typed is lost by what is pressed beside it."""

from __future__ import annotations

import pytest

from records.models import Draft, OutboxMessage
from records.states import Level, OutboxStatus, Owner
from tests.desk.waiting import press

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # WhiteNoise gives Django's ASGI handler plain iterators; it reads them whole, which is right for small files.
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]


@pytest.fixture
def without_scripts(open_page):
    """Sara's desk where no script runs, with a conversation that she has claimed."""

    def opened(conversation):
        page = open_page(java_script_enabled=False)
        page.fill("#id_username", "sara")
        page.fill("#id_password", "sara-demo")
        press(page, "button[type=submit]")
        press(page, f"#card-{conversation}")
        press(page, "#claim")
        return page

    return opened


def test_without_scripts_a_reply_still_goes_and_no_key_is_promised(line, without_scripts):
    conversation = line.conversation("hola")
    page = without_scripts(conversation)
    keys = page.locator("kbd >> visible=true").count(), "Enter" in page.inner_text("#send")
    page.fill("#reply", "Hola")
    press(page, "#reply-form button[name=keep]")
    kept, sent = page.input_value("#reply"), line.replies(conversation)
    press(page, "#reply-form button")

    assert (kept, sent) == ("Hola", [])
    assert line.replies(conversation) == ["Hola"]
    assert "The bot is silent" in page.content()
    assert keys == (0, False)


@pytest.mark.parametrize("way", ["Break", "Sign out"])
def test_without_scripts_who_is_asked_before_they_leave_and_stays_has_lost_no_word(line, without_scripts, way):
    page = without_scripts(line.conversation("hola", level=Level.URGENT))
    page.fill("#reply", "Hola, soy")
    press(page, "#reply-form button[name=keep]")
    page.fill("#reply", "Hola, soy Sara")
    page.click("noscript summary")
    page.fill("#note-beside", "She can talk")

    press(page, f"header >> role=button[name='{way}'] >> visible=true")
    asked = page.inner_text("h1")
    press(page, "role=link[name='Stay']")

    assert asked.startswith("Hand back before")
    assert page.input_value("#reply") == "Hola, soy Sara"
    assert page.input_value("#note-beside") == "She can talk"


def kept():
    return {row.kind: row.open_text(row.conversation.open_key()) for row in Draft.objects.all()}


def transfers(page):
    page.click("#give summary")
    page.select_option("#transfer-to", label=page.inner_text("#transfer-to optgroup option >> nth=0"))
    page.fill("#transfer-note", "for you")
    press(page, "#transfer")


def closes(page):
    page.click("#close summary")
    page.select_option("#outcome", "helped")
    press(page, "#close button.danger")


PRESSED = {
    "a tab": lambda page: press(page, "nav.tabs button >> text=Phrases"),
    "a phrase": lambda page: press(page, "[data-key='helper.interpreter'] button"),
    "send again": lambda page: press(page, "role=button[name='Send again']"),
    "ask if safe": lambda page: press(page, "#ask-safe"),
    "not safe": lambda page: press(page, "role=button[name='not safe']"),
    "claim next": lambda page: press(page, "role=button[name='Claim next']"),
    "transfer": transfers,
    "hand back": lambda page: (page.click("#hand-back summary"), press(page, "#hand-back button[value=queue]")),
    "to the bot": lambda page: (page.click("#hand-back summary"), press(page, "#hand-back button[value=bot]")),
    "close": closes,
}


@pytest.mark.parametrize("pressed", PRESSED)
def test_without_scripts_no_button_loses_what_stands_in_the_boxes(line, without_scripts, pressed):
    conversation = line.conversation("hola", safe="unsure" if pressed == "ask if safe" else "yes")
    page = without_scripts(conversation)
    if pressed == "a phrase":
        press(page, "nav.tabs button >> text=Phrases")
    if pressed == "send again":
        page.fill("#reply", "Hola")
        press(page, "#send")
        OutboxMessage.objects.filter(conversation=conversation).update(status=OutboxStatus.FAILED)
        page.reload()
    page.locator("#reply").evaluate("box => box.closest('details')?.setAttribute('open', '')")
    page.fill("#reply", "Soy Sara <b>")
    page.click("noscript summary >> text=Note for staff")
    page.fill("#note-beside", "She can talk")

    PRESSED[pressed](page)

    assert kept() == {"reply": "Soy Sara <b>", "note": "She can talk"}


def test_without_scripts_a_claim_takes_the_note_along(line, open_page, without_scripts):
    first, second = line.conversation("hola"), line.conversation("ayuda")
    page = without_scripts(first)
    press(page, f"#card-{second}")
    page.click("#note-box summary")
    page.fill("#note", "She can talk")

    press(page, "#claim")

    assert line.owner(second) == Owner.STAFF
    assert kept() == {"note": "She can talk"}


def test_without_scripts_what_is_asked_before_the_bot_or_the_end_is_answered_with_the_boxes(line, without_scripts):
    conversation = line.conversation("hola", level=Level.URGENT)
    page = without_scripts(conversation)
    page.fill("#reply", "Soy Sara")
    closes(page)
    page.fill("#reply", "Soy Sara, hola")

    press(page, "#closing button")

    assert line.owner(conversation) == Owner.CLOSED
    assert kept() == {"reply": "Soy Sara, hola"}


# In these Enter sends what is typed, and would press the first button of the form of the boxes.
TYPED_IN = {"at-time", "phrases"}


def test_without_scripts_every_button_beside_the_boxes_goes_with_them(line, without_scripts):
    page = without_scripts(line.conversation("hola", safe="unsure"))
    alone = page.evaluate(
        """() => [...document.querySelectorAll("button")]
            .filter((one) => one.type === "submit" && one.form?.method === "post" && one.form.id !== "reply-form")
            .filter((one) => one.checkVisibility() || one.closest("details"))
            .filter((one) => !one.closest(".with-scripts"))
            .map((one) => one.form.action.split("/").at(-2))"""
    )

    assert set(alone) <= TYPED_IN


def test_with_scripts_each_button_is_of_its_own_form(line, sara_has_open):
    page, _conversation = sara_has_open("hola", safe="yes")

    assert page.locator("[data-carried][form], [data-carried][formaction]").count() == 0
    assert page.problems == []
