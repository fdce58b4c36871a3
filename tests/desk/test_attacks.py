"""A stranger at the desk's door, and a contact who writes code instead of words: nothing happens."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from records.models import Conversation, Staff
from tests.desk.test_roles import ADDRESSES

CODE = [
    "'; DROP TABLE records_staff; --",
    "' OR '1'='1",
    "{{ settings.SECRET_KEY }}{% debug %}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "${7*7}#{7*7}%s%n",
    '=HYPERLINK("http://x")',
]
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "/desk/\r\nSet-Cookie: a=b",
]
ODD = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x00\r\n'\"<>{}%;\\/=&"), max_size=40)


@pytest.mark.parametrize("code", CODE)
def test_code_of_a_contact_is_shown_as_words(hotline, seated, code):
    number = hotline.conversation(code)
    browser = seated()

    page = browser.get(f"/desk/c/{number}/").content.decode()

    assert Staff.objects.exists()
    assert "<script>alert" not in page
    assert "<svg/onload" not in page
    assert "<img src=x" not in page
    assert "django-insecure" not in page
    assert "49#49" not in page


@pytest.mark.parametrize("code", CODE)
def test_code_of_a_worker_is_kept_as_words(hotline, seated, code):
    number = hotline.conversation("hola")
    browser = seated()
    browser.post(f"/desk/c/{number}/claim/")

    browser.post(f"/desk/c/{number}/note/", {"text": code})
    page = browser.get(f"/desk/c/{number}/").content.decode()

    assert Conversation.objects.filter(pk=number).exists()
    assert "<script>alert" not in page
    assert "<svg/onload" not in page


@pytest.mark.parametrize("address", ELSEWHERE)
def test_signing_in_leads_nowhere_else(staff, address):
    staff("sara", password="a long enough passphrase")

    answer = Client().post(
        "/desk/sign-in/", {"username": "sara", "password": "a long enough passphrase", "next": address}
    )

    assert answer.status_code == 302
    assert answer["Location"].startswith("/desk/")
    assert "evil" not in answer["Location"]
    assert "a" not in answer.cookies


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1:80@evil.example", "a\tb"])
def test_another_host_is_refused(db, host):
    assert Client(raise_request_exception=False).get("/desk/sign-in/", HTTP_HOST=host).status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/static/../lantern/settings.py", "/static/..%2f..%2flantern/settings.py", "/static/%2e%2e/%2e%2e/etc/passwd",
     "/static//etc/passwd", "/static/desk/../../../settings.py", "/.env", "/.git/config", "/desk/../../etc/passwd"],
)  # fmt: skip
def test_no_path_leads_out(db, path):
    answer = Client(raise_request_exception=False).get(path)

    assert answer.status_code in (301, 302, 400, 403, 404)
    assert b"SECRET_KEY" not in answer.content
    assert b"root:" not in answer.content


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    address=st.sampled_from([address for _, address, _ in ADDRESSES if "/events/" not in address]),
    method=st.sampled_from(["get", "post", "put", "delete", "patch", "options", "head"]),
    fields=st.dictionaries(st.sampled_from(["text", "to", "next", "q", "have", "outcome", "token", "username"]), ODD),
    name=ODD,
)
def test_no_request_of_a_stranger_breaks_an_address(address, method, fields, name):
    browser = Client(raise_request_exception=False)

    answer = getattr(browser, method)(
        address,
        fields if method in ("get", "post") else "",
        headers={"x-name": name.encode("ascii", "replace").decode()},
    )

    assert answer.status_code < 500 or (address == "/healthz" and answer.status_code == 503)
    assert "<script" not in "".join(fields.values()) or b"<script>alert" not in answer.content


@settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_request_of_a_worker_breaks_an_address(hotline, staff, data):
    person, _ = Staff.objects.get_or_create(username="wu", defaults={"role": "worker", "alias": "Wu"})
    browser = Client(raise_request_exception=False)
    browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    number = hotline.conversation("hola")
    act = data.draw(
        st.sampled_from(["", "claim/", "reply/", "draft/", "note/", "transfer/", "close/", "lines/", "hand-back/"])
    )
    fields = data.draw(
        st.dictionaries(st.sampled_from(["text", "to", "outcome", "token", "have", "open"]), ODD, max_size=4)
    )

    for method in ("get", "post"):
        answer = getattr(browser, method)(f"/desk/c/{number}/{act}", fields)
        assert answer.status_code < 500, (method, act, fields)
