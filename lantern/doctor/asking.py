"""Why a provider told nothing when it was asked, in the operator's words; for `doctor` and `reconcile`."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from channels.answers import SHAPE
from channels.errors import Credentials, ProviderBusy, SendError
from lantern.config import Settings

CONSOLE = "https://console.twilio.com"
_SERVER_FAULT = 500


@dataclass(frozen=True, slots=True)
class Provider:
    """Whom we ask, and where."""

    name: str
    host: str
    refuses: str  # what is wrong when it does not know us; with {code}
    base_setting: str
    elsewhere: str | None  # another address for it, of the setting

    @property
    def scheme(self) -> str:
        """How it is called."""
        return urlsplit(self.elsewhere).scheme if self.elsewhere else "https"

    def not_asked(self, problem: SendError) -> str:
        """Say what stands between us and an answer, and who can change it."""
        code = problem.code or ""
        if code == SHAPE:
            return (
                f"something else than {self.name} seems to answer: {self.host} answers in a form that is not"
                f" {self.name}'s; is {self.base_setting}, if it is set, the address of {self.name}'s API? Else"
                f" something stands between, such as a network's own sign-in page; or {self.name} has changed its form"
                " and this program must be brought up to date"
            )
        if isinstance(problem, Credentials):
            return self.refuses.format(code=code)
        if isinstance(problem, ProviderBusy):
            told = f" with {code}" if code.isdigit() else ""
            return f"{self.host} answers{told} that it cannot now: {self.name} asks to slow down; try again in a minute"
        if code.isdigit() and int(code) >= _SERVER_FAULT:
            told = f" with {code}" if code.isdigit() else ""
            other = f", or {self.base_setting} names a server that does not know this call" if self.elsewhere else ""
            return (
                f"{self.host} answers{told} that it cannot now: {self.name} has an outage{other}; try again in some"
                " minutes"
            )
        if code.isdigit():
            return (
                f"{self.host} does not know what it was asked ({code}); is {self.base_setting}, if it is set, the"
                f" address of {self.name}'s API?"
            )
        return (
            f"no way to {self.host} from here: this machine's network, a name that is not found, or a firewall; or"
            f" {self.name} has an outage. Try `curl {self.scheme}://{self.host}` on this machine"
        )


def twilio(settings: Settings, host: str = "api.twilio.com") -> Provider:
    """Return Twilio as this installation reaches it."""
    return Provider(
        "Twilio",
        _host(settings.twilio_api_base, host),
        "LANTERN_TWILIO_ACCOUNT_SID or LANTERN_TWILIO_AUTH_TOKEN: Twilio refuses them ({code}); copy both again from"
        f" the first page of {CONSOLE}",
        "LANTERN_TWILIO_API_BASE",
        settings.twilio_api_base,
    )


def telegram(settings: Settings) -> Provider:
    """Return Telegram as this installation reaches it."""
    return Provider(
        "Telegram",
        _host(settings.telegram_api_base, "api.telegram.org"),
        "LANTERN_TELEGRAM_TOKEN: Telegram does not know this token; copy it again from @BotFather",
        "LANTERN_TELEGRAM_API_BASE",
        settings.telegram_api_base,
    )


def _host(base: str | None, host: str) -> str:
    return urlsplit(base).netloc.rpartition("@")[2] if base else host
