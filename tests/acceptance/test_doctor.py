"""`./run doctor` against the peers: what is wrong is a sentence of the operator's, and what can be mended is mended."""

from __future__ import annotations

import httpx
import pytest
from django.core.management import call_command

from lantern.doctor import run
from lantern.doctor.checks import checks
from lantern.doctor.twilio import TwilioCheck
from lantern.doctor.whatsapp import WhatsAppCheck
from tests.acceptance.conftest import OUR_NUMBER, OUR_SERVICE, PUBLIC, TWILIO_TOKEN
from tests.acceptance.doctored import doctor_says
from tests.acceptance.twilio_standin import ACCOUNT

HERE = f"{PUBLIC}/channels/sms"
pytestmark = pytest.mark.usefixtures("livez")


@pytest.fixture
def sms_line(twilio, configured):
    """An installation with SMS, as the doctor sees it: the setup is not in the contract that Prism holds."""

    def set_up(**fields):
        plain = {"public_url": PUBLIC, "twilio_account_sid": ACCOUNT, "twilio_auth_token": TWILIO_TOKEN}
        return configured(**{**plain, "twilio_from": OUR_NUMBER, "twilio_api_base": twilio.url, **fields})

    return set_up


def test_a_number_that_leads_here_is_in_order(sms_line, twilio):
    twilio.has_number(OUR_NUMBER, sms_url=HERE, sms_fallback_url=HERE)

    assert doctor_says(TwilioCheck(sms_line())) == (0, "SMS (Twilio): in order")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sms_url": ""}, "goes to nowhere: no address is set there; right is"),
        ({"sms_url": "https://old.example.org/x"}, "goes to https://old.example.org/x"),
        ({"sms_url": HERE, "sms_method": "GET"}, "by GET"),
        ({"sms_url": HERE, "sms_application_sid": "AP1"}, "TwiML application"),
        ({"sms_url": HERE}, "no fallback"),
    ],
)
def test_a_number_that_leads_elsewhere_is_told_and_mended(sms_line, twilio, fields, words):
    twilio.has_number(OUR_NUMBER, **fields)
    check = TwilioCheck(sms_line())

    wrong, said = doctor_says(check)
    mended, _ = doctor_says(check, fix=True)
    after = doctor_says(check)

    assert (wrong, mended) == (1, 0)
    assert words in said
    assert "--fix" in said
    assert after == (0, "SMS (Twilio): in order")


def test_a_messaging_service_is_mended_too(sms_line, twilio):
    twilio.has_service(OUR_SERVICE, OUR_NUMBER, sticky_sender=False)
    check = TwilioCheck(sms_line(twilio_from=OUR_SERVICE))

    wrong, said = doctor_says(check)
    doctor_says(check, fix=True)

    assert (wrong, "goes to nowhere" in said) == (1, True)
    assert twilio.services[OUR_SERVICE]["sticky_sender"] is True
    assert doctor_says(check)[0] == 0


THERE = f"{PUBLIC}/channels/whatsapp"
RIGHT = {"callback_url": THERE, "callback_method": "POST", "fallback_url": THERE}


@pytest.mark.parametrize(
    ("sender", "words"),
    [
        (None, "is not a WhatsApp sender"),
        ({}, "goes to nowhere: no address is set there; right is"),
        ({**RIGHT, "callback_url": HERE}, f"goes to {HERE}"),
        ({**RIGHT, "fallback_url": None}, "no fallback"),
        ({**RIGHT, "status": "OFFLINE"}, "is OFFLINE"),
    ],
)
def test_a_whatsapp_sender_that_does_not_lead_here_is_told(sms_line, twilio, sender, words):
    if sender is not None:
        twilio.has_sender(OUR_NUMBER, **sender)

    wrong, said = doctor_says(WhatsAppCheck(sms_line(whatsapp_from=OUR_NUMBER)))

    assert wrong == 1
    assert words in said


def test_a_whatsapp_sender_is_mended(sms_line, twilio):
    twilio.has_sender("+15005550009", **RIGHT)
    twilio.has_sender(OUR_NUMBER)
    check = WhatsAppCheck(sms_line(whatsapp_from=OUR_NUMBER))

    mended, said = doctor_says(check, fix=True)

    assert (mended, f"now comes to {THERE}" in said) == (0, True)
    assert doctor_says(check) == (0, "WhatsApp (Twilio): in order")


def test_an_address_that_was_just_judged_wrong_is_never_written(sms_line, twilio):
    twilio.has_number(OUR_NUMBER, sms_url="https://good.example.org/x")
    twilio.has_sender(OUR_NUMBER, callback_url="https://good.example.org/x")
    line = sms_line(public_url="http://line.example.org", whatsapp_from=OUR_NUMBER)

    for check in (TwilioCheck(line), WhatsAppCheck(line)):
        wrong, said = doctor_says(check, fix=True)

        assert (wrong > 0, "mended" in said) == (True, False)
    assert "good.example.org" in doctor_says(TwilioCheck(line))[1] + doctor_says(WhatsAppCheck(line))[1]


@pytest.mark.parametrize("answer", [None, httpx.Response(404), httpx.Response(200, text="Welcome"),
                                    httpx.Response(200, json=[]), httpx.Response(200, text="[" * 100_000)])  # fmt: skip
def test_a_number_is_taken_from_another_address_only_where_this_line_answers(sms_line, twilio, livez, answer):
    twilio.has_number(OUR_NUMBER, sms_url="https://old.example.org/x")
    livez.answer = answer
    line = sms_line()

    wrong, refused = doctor_says(TwilioCheck(line), fix=True)

    assert wrong == 1
    assert livez.asked == [f"{PUBLIC}/livez"]
    assert all(word in refused for word in ("not mended", "https://old.example.org/x", "--even-if-unreachable"))
    assert "https://old.example.org/x" in doctor_says(TwilioCheck(line))[1]  # it still stands there

    wrong, done = doctor_says(TwilioCheck(line, even_if_unreachable=True), fix=True)

    assert (wrong, HERE in done, "https://old.example.org/x" in done) == (0, True, True)


@pytest.mark.parametrize("sender", [OUR_NUMBER, OUR_SERVICE])
def test_a_sender_that_is_not_ours_is_told(sms_line, sender):
    wrong, said = doctor_says(TwilioCheck(sms_line(twilio_from=sender)))

    assert wrong == 1
    assert f"{sender} is not a" in said


def test_a_wrong_password_is_told_without_it(sms_line, twilio):
    twilio.known_token = "another"

    wrong, said = doctor_says(TwilioCheck(sms_line()))

    assert wrong == 1
    assert "LANTERN_TWILIO_AUTH_TOKEN" in said
    assert TWILIO_TOKEN not in said


def test_a_trial_account_and_an_open_address_are_told(sms_line, twilio):
    twilio.account = {"status": "suspended", "type": "Trial"}
    twilio.has_number(OUR_NUMBER, sms_url="http://x/channels/sms", sms_fallback_url="http://x/channels/sms")

    wrong, said = doctor_says(TwilioCheck(sms_line(public_url="http://x")))

    assert wrong == 3
    assert all(word in said for word in ("suspended", "trial", "https://"))


def test_what_twilio_said_by_itself_and_what_failed_lately_is_told(sms_line, twilio):
    twilio.has_number(OUR_NUMBER, sms_url=HERE, sms_fallback_url=HERE)
    for fields in ({"direction": "outbound-reply"}, {"error_code": 30034}, {"error_code": 30003}):
        twilio._take({"To": "+15005550009", "Body": "x", "From": OUR_NUMBER}).update(fields)

    wrong, said = doctor_says(TwilioCheck(sms_line()))

    assert wrong == 2
    assert "HELP" in said
    assert "30034" in said
    assert "note: 1 of the newest messages failed with 30003" in said


def test_the_account_is_read_as_twilios_contract_has_it(sms_line, twilio):
    """Prism knows the account and the messages; it ends the check where the contract was cut."""
    _, said = doctor_says(TwilioCheck(sms_line(twilio_api_base=twilio.api)))

    assert "refuses" not in said


def test_a_twilio_that_is_away_is_told(sms_line):
    wrong, said = doctor_says(TwilioCheck(sms_line(twilio_api_base="http://127.0.0.1:9")))

    assert (wrong, "no way to 127.0.0.1:9 from here" in said) == (1, True)


def test_the_command_ends_with_1_when_anything_is_wrong(sms_line, capsys, db):
    sms_line()

    with pytest.raises(SystemExit) as ended:
        call_command("doctor")

    assert ended.value.code == 1
    assert "is not a number of this Twilio account" in capsys.readouterr().out


def test_nothing_set_up_is_no_fault(configured, capsys, db):
    configured()

    call_command("doctor")

    assert capsys.readouterr().out.count("not set up") == 3


def test_a_check_that_breaks_hides_nothing(configured, db):
    class Broken:
        name = "Broken"

        def judge(self):
            raise KeyError("x")

    said = []
    others = checks(configured())
    wrong = run((Broken(), *others), fix=False, say=said.append)

    assert wrong == 1
    assert {one.split(":")[0] for one in said} == {"Broken", *(check.name for check in others)}
