"""A passkey in a real Chromium: made at the first sign-in, asked for at the second, and of no use to who has another."""

from __future__ import annotations

import re

import pytest

from records.models import AuditEvent
from tests.desk.door import PASSWORD
from tests.watched import watched

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
    pytest.mark.usefixtures("quick"),
]
SECURITY_KEY = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture
def page(browser, address, settings):
    """A page with a security key of its own, at a name: browsers give passkeys to no bare address."""
    origin = address.replace("127.0.0.1", "localhost")
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [origin]
    context = browser.new_context(base_url=origin)
    context.set_default_timeout(90_000)  # a busy machine: what is waited for comes or does not
    page = watched(context.new_page())
    page.keys = context.new_cdp_session(page)
    page.keys.send("WebAuthn.enable")
    page.key = page.keys.send("WebAuthn.addVirtualAuthenticator", {"options": SECURITY_KEY})["authenticatorId"]
    yield page
    context.close()


def types_the_password(page):
    page.goto("/desk/sign-in/")
    page.fill("#id_username", "sara")
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")


def test_a_passkey_is_made_opens_the_desk_and_another_key_does_not(real_line, staff, page):
    staff("sara", password=PASSWORD)

    types_the_password(page)
    page.wait_for_url("**/desk/set-up/")
    page.click("#passkey-register-button")
    page.wait_for_url("**/desk/account/codes/")
    assert page.locator("li code").count() == 10
    page.context.clear_cookies()

    types_the_password(page)
    page.wait_for_url("**/desk/second/**")
    page.click("#passkey-verification-button")
    page.wait_for_selector("#live")
    assert page.problems == []
    assert AuditEvent.objects.filter(action="factor_shown").latest("pk").details == {"by": "passkey"}
    page.goto("about:blank")  # a desk whose session is gone goes to the sign-in by itself, in the middle of our typing
    page.context.clear_cookies()

    page.keys.send("WebAuthn.clearCredentials", {"authenticatorId": page.key})
    types_the_password(page)
    page.wait_for_url("**/desk/second/**")
    page.click("#passkey-verification-button")
    page.locator("#passkey-verification-status-message", has_text=re.compile(r"\w")).wait_for()
    page.goto("/desk/")
    assert "/desk/second/" in page.url
