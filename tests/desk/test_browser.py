"""The desk and the try-out page in a real Chromium, over the ASGI server that serves them in service."""

from __future__ import annotations

import pytest
from django.utils import timezone

from records.messages.intake import store_inbound
from records.models import OutboxMessage, Staff
from records.staff import desk
from records.states import Level, OutboxStatus, Owner
from tests.desk.waiting import titled

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    # WhiteNoise gives Django's ASGI handler plain iterators; it reads them whole, which is right for small files.
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]


def store_more(line, address, text):
    store_inbound(
        channel="sms", provider_id=f"more-{text}", address=address, kind="text", text=text, received_at=timezone.now()
    )


def _delivered(conversation):
    OutboxMessage.objects.filter(conversation=conversation).update(
        status=OutboxStatus.DELIVERED, sent_at=timezone.now()
    )


def test_a_whole_hand_off_without_a_mouse(line, open_page):
    offer = line.conversation("hola", level=Level.OFFER)
    urgent = line.conversation("tolong saya", level=Level.URGENT, language="id", reasons=("risk.immediate_danger",))
    page = open_page(staff="sara")

    assert titled(page, "(1!) Desk") == "(1!) Desk"
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_selector("#claim >> visible=true")
    assert page.url.endswith(f"/desk/c/{urgent}/")
    page.keyboard.press("c")
    page.wait_for_selector("#reply")
    page.keyboard.press("r")
    page.keyboard.type("Halo, saya Sara")
    page.wait_for_selector("#parts >> text=1 SMS part")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".from-staff >> text=Halo, saya Sara")

    assert line.replies(urgent) == ["Halo, saya Sara"]
    assert page.input_value("#reply") == ""
    assert titled(page, "(1) Desk") == "(1) Desk"
    assert line.owner(offer) == Owner.QUEUE
    assert page.problems == []


def test_a_claim_by_a_colleague_and_new_words_appear_by_themselves(line, open_page):
    conversation = line.conversation("hola", address="+15005550001")
    page = open_page(staff="sara")
    page.click(f"#card-{conversation}")
    page.wait_for_selector("#claim")

    desk.claim(conversation, Staff.objects.get(username="ben"), timezone.now())
    page.wait_for_selector("text=Ben has this conversation now.", timeout=8000)
    page.wait_for_timeout(1000)

    assert page.locator("#claim").count() == 0
    assert page.locator("text=hola").count() == 0
    assert page.url.endswith("/desk/")
    assert page.problems == []


def test_what_is_being_written_survives_new_messages_and_a_reload(sara_has_open):
    page, conversation = sara_has_open("hola", address="+15005550001")
    page.wait_for_selector("#reply")
    page.fill("#reply", "half a sent")
    page.focus("#reply")
    page.keyboard.type("ence")
    page.wait_for_selector("#parts >> text=15 letters")

    desk.add_note(conversation, Staff.objects.get(username="ben"), "a note by Ben", timezone.now())
    page.wait_for_selector("text=a note by Ben", timeout=8000)
    written = page.input_value("#reply")
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()

    assert written == "half a sentence"
    assert page.input_value("#reply") == "half a sentence"
    stored = page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")
    assert "half" not in stored
    assert "hola" not in stored


def test_a_note_and_new_words_leave_the_reply_box_and_an_open_menu_alone(line, sara_has_open):
    page, conversation = sara_has_open("hola", address="+15005550001")
    page.fill("#reply", "unsent words")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("only for us")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".from-note >> text=only for us")
    page.click("summary >> text=Close")

    store_more(line, "+15005550001", "otra cosa")
    page.wait_for_selector(".from-contact >> text=otra cosa", timeout=8000)

    assert page.input_value("#reply") == "unsent words"
    assert page.is_visible("#outcome")
    assert line.replies(conversation) == []


def test_an_urgent_one_rings_until_somebody_has_it(line, open_page):
    page = open_page(staff="sara")
    page.click("#sound")
    page.wait_for_selector("#sound[aria-pressed=true]")
    urgent = line.conversation(level=Level.URGENT)

    page.wait_for_selector("html[data-rings]", timeout=9000)
    badge = titled(page, "(1!) Desk")
    desk.claim(urgent, Staff.objects.get(username="ben"), timezone.now())
    page.wait_for_selector("#queue-counts[data-urgent='0']", state="attached", timeout=9000)
    rings = page.evaluate("document.documentElement.dataset.rings")
    page.wait_for_timeout(6500)

    assert badge == "(1!) Desk"
    assert titled(page, "Desk") == "Desk"
    assert page.evaluate("document.documentElement.dataset.rings") == rings


def test_the_whole_product_on_the_try_out_page(tried):
    page, frame, conversation = tried
    frame.locator("#reply").fill("Halo, saya Sara")
    frame.locator("#reply").press("Control+Enter")
    frame.locator(".from-staff >> text=Halo, saya Sara").wait_for()
    _delivered(conversation)  # delivery is another process
    page.wait_for_selector("#screen-sms .theirs >> text=Halo, saya Sara", timeout=8000)

    assert page.problems == []


def test_phrasebook_to_burmese_and_back(line, sara_has_open):
    page, conversation = sara_has_open("မင်္ဂလာပါ", language="my", safe="yes", address="+959111222333")
    page.click("#tab-phrases")
    page.fill("#phrase-query", "I do not speak your language, somebody will translate")
    page.keyboard.press("Enter")
    phrase = page.locator("#phrase-list li[data-key='helper.interpreter']")
    phrase.wait_for(timeout=60_000)  # the embedder is loaded now, and each phrase is read once
    theirs, ours = phrase.locator(".theirs").inner_text(), phrase.locator(".ours").inner_text()
    states = phrase.locator(".states").inner_text()

    phrase.locator("button").click()
    page.locator(f".from-staff .said >> text={theirs}").wait_for()
    OutboxMessage.objects.filter(conversation=conversation).update(status=OutboxStatus.SENT, sent_at=timezone.now())
    store_more(line, "+959111222333", "၁")
    page.locator(".from-contact .bridge", has_text="Yes").wait_for(timeout=30_000)

    assert ours == "I do not speak your language well. A person who translates for us can help. Is that OK for you?"
    assert "Burmese: draft" in states
    assert "English: draft" in states
    assert page.locator(".from-staff .bridge").inner_text().startswith("In your language:")
    assert line.replies(conversation)[0].splitlines()[1:] == ["1 ဟုတ်ကဲ့", "2 မဟုတ်ပါ"]
    assert page.problems == []


def test_a_phrase_whose_list_is_drawn_anew_while_it_is_sent_leaves_no_old_notice(line, sara_has_open):
    page, conversation = sara_has_open("hola", language="es", safe="yes", address="+34600111222")
    page.click("#tab-phrases")
    button = page.locator("#phrase-list li[data-key='helper.interpreter'] button")
    button.wait_for()

    page.locator("#notices").evaluate("box => box.replaceChildren('of before')")
    button.evaluate("button => { button.click(); document.getElementById('phrase-list').replaceChildren(); }")

    page.locator(".from-staff .said").wait_for()
    assert page.locator("#notices").text_content() == ""
    assert len(line.replies(conversation)) == 1
    assert page.problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(line, open_page, scheme):
    from axe_playwright_python.sync_playwright import Axe

    for level in Level:
        line.conversation(level=level, language="ar", reasons=("risk.immediate_danger",), safe="no")
    mine = line.conversation("مرحبا", language="ar", bot_says=("hello",), safe="yes")
    sara = Staff.objects.get(username="sara")
    desk.claim(mine, sara, timezone.now())
    desk.reply(mine, sara, "hi", timezone.now(), client_token="axe")
    OutboxMessage.objects.filter(client_token="axe").update(status="failed", reason="Filtered")
    desk.add_note(mine, sara, "a note", timezone.now())
    found = {}

    def judge(name, page):
        report = Axe().run(page)
        if report.violations_count:
            found[name] = report.generate_report()

    page = open_page(color_scheme=scheme)
    judge("sign-in", page)
    page = open_page(staff="sara", color_scheme=scheme)
    judge("board", page)
    page.click(f"#card-{mine}")
    page.wait_for_selector("#reply")
    page.click("#note-box summary")
    judge("conversation", page)
    page.keyboard.press("Escape")
    page.click("#tab-phrases")
    page.wait_for_selector(".phrase-group")
    judge("phrases", page)
    page.click("#help-open")
    judge("help", page)
    page = open_page("/try/", color_scheme=scheme)
    judge("try", page)

    assert found == {}
