"""`./run doctor` against the Telegram peer: the bot's page says nothing, and its updates come here."""

from __future__ import annotations

import pytest

from channels.telegram import announce_webhook, make_bot
from lantern.doctor.telegram import TelegramCheck
from tests.acceptance.conftest import BOT_TOKEN, PUBLIC, SECRET
from tests.acceptance.doctored import doctor_says

pytestmark = pytest.mark.usefixtures("livez")


class BotPage:
    """What the peer does not have: the bot's page. Telegram keeps it by language; ours is the one for all."""

    def __init__(self):
        self.shown = {"name": "Worker hotline", "description": "We help victims", "short": "help", "commands": ["help"]}

    def stand_in(self, monkeypatch):
        from telegram import BotCommand, BotDescription, BotName, BotShortDescription

        from channels.telegram import LineBot

        shown = self.shown

        def answer(make):
            async def call(_self, *_args, **_kw):
                return make()

            return call

        def change(name):
            async def call(_self, value="", *_args, **_kw):
                shown[name] = value
                return True

            return call

        for method, made in {
            "get_my_name": answer(lambda: BotName(shown["name"])),
            "get_my_description": answer(lambda: BotDescription(shown["description"])),
            "get_my_short_description": answer(lambda: BotShortDescription(shown["short"])),
            "get_my_commands": answer(lambda: tuple(BotCommand(one, "x") for one in shown["commands"])),
            "set_my_name": change("name"),
            "set_my_description": change("description"),
            "set_my_short_description": change("short"),
            "delete_my_commands": change("commands"),
        }.items():
            monkeypatch.setattr(LineBot, method, made)


@pytest.fixture
def page(monkeypatch):
    page = BotPage()
    page.stand_in(monkeypatch)
    return page


@pytest.fixture
def bot_line(telegram, configured, tmp_path):
    def set_up(**fields):
        return configured(telegram_token=BOT_TOKEN, telegram_api_base=telegram.api, data=tmp_path, **fields)

    return set_up


def webhook(telegram, url):
    import asyncio

    async def tell():
        bot = make_bot(BOT_TOKEN, api_base=telegram.api)
        await announce_webhook(bot, url, SECRET)
        await bot.disconnect()

    asyncio.run(tell())


def test_a_bot_that_tells_what_it_is_for_is_made_silent(bot_line, page):
    check = TelegramCheck(bot_line(telegram_name="Mail"))

    wrong, said = doctor_says(check)
    doctor_says(check, fix=True)

    assert wrong == 2
    assert "empty is right" in said
    assert page.shown == {"name": "Mail", "description": "", "short": "", "commands": ""}
    assert doctor_says(check) == (0, "Telegram: in order")


def test_a_telling_name_without_a_better_one_is_told(bot_line, page):
    page.shown |= {"description": "", "short": "", "commands": []}

    wrong, said = doctor_says(TelegramCheck(bot_line()))

    assert (wrong, "LANTERN_TELEGRAM_NAME" in said) == (1, True)


def test_a_webhook_that_stands_in_the_way_of_polling_is_told_and_removed(bot_line, page, telegram):
    page.shown |= {"name": "Mail", "description": "", "short": "", "commands": []}
    webhook(telegram, "https://elsewhere.example.org/x")
    check = TelegramCheck(bot_line())

    wrong, said = doctor_says(check)
    doctor_says(check, fix=True)

    assert (wrong, "elsewhere.example.org" in said) == (1, True)
    assert doctor_says(check)[0] == 0


def test_a_webhook_that_leads_nowhere_is_told_and_set(bot_line, page, telegram):
    page.shown |= {"name": "Mail", "description": "", "short": "", "commands": []}
    check = TelegramCheck(bot_line(public_url=PUBLIC, telegram_secret=SECRET))

    wrong, said = doctor_says(check)
    doctor_says(check, fix=True)
    [call] = telegram.calls("setWebhook")[-1:]

    assert (wrong, "goes to nowhere" in said or "go to nowhere" in said) == (1, True)
    assert call["body"]["url"] == f"{PUBLIC}/channels/telegram"


def test_a_server_that_knows_no_page_of_a_bot_is_judged_by_the_rest(bot_line, telegram):
    webhook(telegram, "https://elsewhere.example.org/x")

    wrong, said = doctor_says(TelegramCheck(bot_line()))

    assert wrong == 2
    assert "elsewhere.example.org" in said
    assert "could not be read: 127.0.0.1" in said
    assert "LANTERN_TELEGRAM_API_BASE names a server that does not know this call" in said
    telegram.reset()  # the description that judges our calls is cut, and leaves those out too


def test_a_port_that_telegram_does_not_call_is_never_written(bot_line, page, telegram):
    page.shown |= {"name": "Mail", "description": "", "short": "", "commands": []}
    check = TelegramCheck(bot_line(public_url=f"{PUBLIC}:9443", telegram_secret=SECRET))

    wrong, said = doctor_says(check, fix=True)

    assert (wrong, "mended" in said, "8443" in said) == (2, False, True)
    assert telegram.calls("setWebhook") == []


def test_a_bot_is_taken_from_another_address_only_where_this_line_answers(bot_line, page, telegram, livez):
    page.shown |= {"name": "Mail", "description": "", "short": "", "commands": []}
    webhook(telegram, "https://elsewhere.example.org/x")
    before, livez.answer = len(telegram.calls("setWebhook")), None
    line = bot_line(public_url=PUBLIC, telegram_secret=SECRET)

    wrong, said = doctor_says(TelegramCheck(line), fix=True)

    assert (wrong, "elsewhere.example.org" in said, len(telegram.calls("setWebhook"))) == (1, True, before)


def test_an_unknown_token_is_told(bot_line, telegram):
    telegram.fails("getMe", 401, description="Unauthorized")

    wrong, said = doctor_says(TelegramCheck(bot_line()))

    assert (wrong, "LANTERN_TELEGRAM_TOKEN" in said) == (1, True)
    assert BOT_TOKEN not in said
