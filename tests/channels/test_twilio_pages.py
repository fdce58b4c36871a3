"""Lists at Twilio: an answer names the next page, and whoever answers may name anything."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from types import SimpleNamespace

import pytest

from channels import sms
from channels.errors import SendError
from channels.sms import SmsAccount, SmsChannel

NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)
OURS = "/2010-04-01/Accounts/AC1/Messages.json"


class Answers:
    """A server whose every answer names a next page, until there are no more."""

    def __init__(self, *names):
        self.names, self.asked = list(names), []

    @asynccontextmanager
    async def request(self, _method, url, **_more):
        self.asked.append(url)
        named = self.names.pop(0) if self.names else None
        body = json.dumps({"messages": [], **(named or {"next_page_uri": None})})

        async def text():
            return body

        yield SimpleNamespace(status=200, headers={}, text=text)

    async def close(self):
        return


def heard(answers, api_base=None):
    account = SmsAccount(account_sid="AC1", auth_token="t", senders=("+15005550006",), api_base=api_base)
    channel = SmsChannel(account)
    channel._http._session = answers
    return asyncio.run(channel.heard_since(NOW, NOW))


def test_a_list_of_three_pages_is_read_to_its_end():
    answers = Answers(*[{"next_page_uri": f"{OURS}?Page={number}"} for number in (1, 2)])

    assert heard(answers) == []

    assert len(answers.asked) == 3


def test_a_list_without_an_end_is_given_up(monkeypatch):
    monkeypatch.setattr(sms, "MOST_PAGES", 7)
    answers = Answers(*[{"next_page_uri": f"{OURS}?Page={number}"} for number in range(50)])

    with pytest.raises(SendError):
        heard(answers)

    assert len(answers.asked) <= 8


def test_a_list_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(sms, "LISTED_WITHIN_S", 0.0)

    with pytest.raises(SendError):
        heard(Answers({"next_page_uri": OURS}))


@pytest.mark.parametrize(
    "named",
    [
        {"next_page_uri": "/2010-04-01/Accounts/AC2/Messages.json"},
        {"meta": {"key": "messages", "next_page_url": "https://twilio.com.example.org/x"}},
        {"meta": {"key": "messages", "next_page_url": "https://evil-twilio.com/x"}},
        {"meta": {"key": "messages", "next_page_url": "http://api.twilio.com/x"}},
    ],
)
@pytest.mark.parametrize("api_base", [None, "http://127.0.0.1:9"])
def test_a_next_page_of_another_account_or_elsewhere_is_not_asked_for(named, api_base):
    answers = Answers(named)

    with pytest.raises(SendError):
        heard(answers, api_base)

    assert len(answers.asked) == 1
