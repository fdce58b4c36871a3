"""What the desk promises about who has a conversation, and what leaves it, in a real Chromium with a phone beside it."""

from __future__ import annotations

import json
import time

import pytest
from django.utils import timezone

from bot.runner import Lane
from bot.turn import Turns
from content import htcds
from records.models import Conversation, OutboxMessage, Seat, Service, Staff
from records.staff import desk
from records.staff.seats import MOST_CAPACITY
from records.states import Owner
from tests.bot.conftest import Told, greets
from tests.desk import rooms
from tests.desk.test_directory import FILE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]
ROUNDS = 100
WAIT_MS = 10_000


@pytest.fixture
def bot(rules_only):
    """The bot's own process, in this one: it hears what waits, and says the opening to whoever may hear it."""
    return Lane(Turns(rules_only, Told(greets)), holder="lane-0", clock=timezone.now)


@pytest.fixture
def phone(line, open_page, bot, delivering):
    """The try-out page: an SMS phone, with Sara at the desk beside it."""
    page = open_page("/try/")
    page.get_by_role("button", name="Sara").click()
    page.desk = page.frame_locator("#desk")
    page.desk.locator("#live[data-state=on]").wait_for()

    def says(text):
        page.fill("#text-sms", text)
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#screen-sms .mine >> text={text}")
        bot.run_until_idle()

    page.says = says
    return page


def theirs(page):
    return page.locator("#screen-sms .theirs").all_inner_texts()


def claimed(phone):
    """The conversation of the phone, with Sara, open at the desk; what the bot said before is on the phone."""
    phone.says("hola")
    phone.wait_for_selector("#screen-sms .theirs", timeout=WAIT_MS)
    number = Conversation.objects.latest("pk").pk
    assert desk.claim(number, Staff.objects.get(username="sara"), timezone.now())
    phone.desk.locator(f"#card-{number}").click(timeout=WAIT_MS)
    phone.desk.locator("#reply").wait_for()
    return number


@pytest.mark.long
def test_in_a_hundred_races_of_two_browsers_one_wins_and_the_other_reads_who(line, open_page):
    pages = {name: open_page(staff=name.lower()) for name in ("Sara", "Ben")}
    address = pages["Sara"].url.split("/desk/")[0]
    Seat.objects.update(capacity=MOST_CAPACITY)
    wins = dict.fromkeys(pages, 0)

    for _ in range(ROUNDS):
        number = line.conversation()
        for page in pages.values():
            page.goto(f"{address}/desk/c/{number}/")
        at = 1000 * time.time() + 60
        for page in pages.values():
            page.evaluate("at => setTimeout(() => document.getElementById('claim').click(), at - Date.now())", at)
        holder = _holder(number)
        loser = ({*pages} - {holder}).pop()
        pages[holder].wait_for_selector("#reply", timeout=WAIT_MS)
        pages[loser].wait_for_selector(f"text={holder} has this conversation.", timeout=WAIT_MS)
        assert pages[loser].locator("#reply").count() == 0
        wins[holder] += 1
        Conversation.objects.filter(pk=number).update(owner=Owner.CLOSED)  # nobody is at capacity in the next round

    assert sum(wins.values()) == ROUNDS
    assert all(page.problems == [] for page in pages.values())


def _holder(number):
    for _ in range(500):
        row = Conversation.objects.select_related("claimed_by").get(pk=number)
        if row.claimed_by:
            return row.claimed_by.alias
        time.sleep(0.02)
    raise AssertionError("nobody won")


def test_after_a_claim_the_bot_says_nothing_to_the_phone_and_the_worker_reads_what_comes(phone):
    number = claimed(phone)
    before = theirs(phone)

    phone.says("are you there")
    phone.desk.locator(".from-contact >> text=are you there").wait_for(timeout=WAIT_MS)
    phone.desk.locator("#reply").fill("Hola, soy Sara")
    phone.desk.locator("#reply").press("Control+Enter")
    phone.wait_for_selector("#screen-sms .theirs >> text=Hola, soy Sara", timeout=WAIT_MS)

    assert len(before) == 1
    assert len(theirs(phone)) == 2
    assert OutboxMessage.objects.filter(conversation=number, author="bot").count() == 1
    assert phone.problems == []


def test_handed_back_the_phone_is_told_and_the_bot_answers_again(phone):
    number = claimed(phone)
    phone.desk.locator("#reply").fill("Hola, soy Sara")
    phone.desk.locator("#reply").press("Control+Enter")
    phone.wait_for_selector("#screen-sms .theirs >> text=Hola, soy Sara", timeout=WAIT_MS)
    phone.desk.locator("summary >> text=Hand back").click()
    phone.desk.get_by_role("button", name="To the bot").click()
    phone.locator("#screen-sms .theirs").nth(2).wait_for(timeout=WAIT_MS)

    phone.says("otra cosa")
    phone.locator("#screen-sms .theirs").nth(3).wait_for(timeout=WAIT_MS)

    row = OutboxMessage.objects.filter(conversation=number).order_by("pk")[2]
    assert row.key == "handoff.back"
    assert Conversation.objects.get(pk=number).owner == Owner.BOT
    assert phone.desk.locator("#reply").count() == 0


def test_a_message_after_closing_begins_a_new_conversation_with_the_opening(phone):
    first = claimed(phone)
    phone.desk.locator("#thread-head summary >> text=Close").click()
    phone.desk.locator("#outcome").select_option("helped")
    phone.desk.get_by_role("button", name="Close the conversation").click()
    phone.desk.locator(".state-closed").wait_for(timeout=WAIT_MS)

    phone.says("still there?")
    phone.locator("#screen-sms .theirs").nth(1).wait_for(timeout=WAIT_MS)

    newest = Conversation.objects.latest("pk")
    assert newest.pk != first
    assert (Conversation.objects.get(pk=first).owner, newest.owner) == (Owner.CLOSED, Owner.BOT)
    assert OutboxMessage.objects.get(conversation=newest).key == "opening"
    assert phone.desk.locator("#lines >> text=still there?").count() == 0


def test_transferred_it_appears_with_the_colleague_who_reads_the_note_and_answers(line, open_page):
    number = line.conversation("hola", safe="yes")
    desk.claim(number, Staff.objects.get(username="sara"), timezone.now())
    sara, ben = open_page(staff="sara"), open_page(staff="ben")
    sara.click(f"#card-{number}")
    sara.click("#thread-head summary >> text=Transfer")
    sara.select_option("#transfer-to", str(Staff.objects.get(username="ben").pk))
    sara.fill("#transfer-note", "she speaks Spanish only")
    sara.click(".sheetlet >> button >> text=Transfer")
    sara.wait_for_selector("text=Ben has this conversation now.", timeout=WAIT_MS)
    promised = sara.is_visible("#unsent-box")

    ben.click(f"section[aria-labelledby=group-mine] #card-{number}", timeout=WAIT_MS)
    ben.wait_for_selector(".from-note >> text=she speaks Spanish only")
    ben.fill("#reply", "Hola, soy Ben")
    ben.press("#reply", "Control+Enter")
    ben.wait_for_selector(".from-staff >> text=Hola, soy Ben")

    assert sara.locator("#reply").count() == 0
    assert not promised  # nothing had been written
    assert line.replies(number) == ["Hola, soy Ben"]
    assert sara.problems + ben.problems == []


@pytest.fixture
def writing_to_somebody_in_danger(line, open_page):
    number = line.conversation("he hits me", safe="yes")
    Conversation.objects.filter(pk=number).update(level="urgent")
    desk.claim(number, Staff.objects.get(username="sara"), timezone.now())
    page = open_page(staff="sara")
    page.click(f"#card-{number}")
    page.fill("#reply", "half a reply")
    return page


def test_what_is_typed_after_a_transfer_that_is_asked_about_stands_in_its_note(writing_to_somebody_in_danger):
    page = writing_to_somebody_in_danger
    page.click("#thread-head summary >> text=Transfer")
    page.select_option("#transfer-to", str(Staff.objects.get(username="nour").pk))
    page.fill("#transfer-note", "careful:")
    page.click(".sheetlet >> button >> text=Transfer")
    page.wait_for_selector("#not-given", timeout=WAIT_MS)
    page.wait_for_selector("#transfer-note:focus", timeout=WAIT_MS)

    page.keyboard.press("End")
    page.keyboard.type(" she has a knife")

    assert page.input_value("#reply") == "half a reply"
    assert page.input_value("#transfer-note") == "careful: she has a knife"


def test_a_hand_back_that_is_asked_about_takes_the_place_of_the_reply(writing_to_somebody_in_danger):
    page = writing_to_somebody_in_danger
    page.click("#thread-head summary >> text=Hand back")
    page.click("button[value=bot]")

    page.wait_for_selector("#to-bot:focus", timeout=WAIT_MS)

    assert page.input_value("#reply") == "half a reply"


HOSTILE = (
    "<script>window.struck = 1</script><img src=x onerror='window.struck = 1'><svg/onload='window.struck = 1'>",
    "\u202etxet desrever\u202c and \u2067\u05e9\u05dc\u05d5\u05dd",
    "{{ 7*7 }}${7*7}'; DROP TABLE records_staff; --",
)


def test_code_and_turned_letters_from_either_side_are_words_and_run_nothing(line, open_page):
    number = line.conversation(*HOSTILE, "x" * 20_000, safe="yes")
    desk.claim(number, Staff.objects.get(username="sara"), timezone.now())
    page = open_page(staff="sara")
    page.click(f"#card-{number}")

    for count, text in enumerate(HOSTILE, 1):
        page.fill("#reply", text)
        page.press("#reply", "Control+Enter")
        page.locator(".from-staff .said").nth(count - 1).wait_for(timeout=WAIT_MS)

    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    sent = [text.translate(dict.fromkeys(map(ord, "\u202e\u202c\u2067\u2069"))) for text in HOSTILE]
    assert line.replies(number) == sent
    assert page.evaluate("window.struck") is None
    assert page.locator(".from-staff .said").all_inner_texts() == sent
    assert page.locator(".said >> css=script, img, svg").count() == 0
    assert wide <= 0
    assert page.problems == []


def test_a_reply_of_20000_letters_is_not_sent_and_not_lost(line, open_page):
    number = line.conversation("hola", safe="yes")
    desk.claim(number, Staff.objects.get(username="sara"), timezone.now())
    page = open_page(staff="sara")
    page.click(f"#card-{number}")

    page.fill("#reply", "a" * 20_000)
    page.press("#reply", "Control+Enter")
    page.wait_for_selector("text=Not sent: 20000 letters, and at most 4000 can go. Shorten it.", timeout=WAIT_MS)

    assert page.input_value("#reply") == "a" * 20_000
    assert line.replies(number) == []


def _download(page, press):
    with page.expect_download() as waited:
        press()
    return json.loads(waited.value.path().read_text(encoding="utf-8"))


def test_a_case_leaves_as_a_file_in_which_every_field_fits_the_picklists(line, open_page):
    made = rooms.fill(line)
    page = open_page(staff="sara")
    page.goto(f"{page.url.split('/desk/')[0]}/desk/cases/{made['case']}/")

    page.select_option("select[name=form]", "json")
    file = _download(page, lambda: page.click("button >> text=Make the file"))

    rows = [row for name in htcds.SECTIONS if name in file for row in _rows(file[name])]
    assert [wrong for row in rows for pair in row.items() if (wrong := htcds.problem(*pair))] == []
    assert file["victim"]["vic_MethodsOfControl"] == ["WithholdsDocuments"]


def _rows(section):
    return section if isinstance(section, list) else [section]


def test_a_service_comes_in_as_a_file_and_goes_out_the_same(line, open_page):
    page = open_page(staff="nour")
    page.goto(f"{page.url.split('/desk/')[0]}/desk/directory/import/")
    page.set_input_files("input[type=file]", FILE)
    page.click("button >> text=Import")
    page.wait_for_selector("a >> text=Export as HSDS")

    whole = _download(page, lambda: page.click("a >> text=Export as HSDS"))

    assert whole == [json.loads(FILE.read_text(encoding="utf-8"))]
    assert Service.objects.count() == 1
