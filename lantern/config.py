"""Settings: read once from the environment, judged all together, frozen.

Every setting has one line of help beside it; the reference in docs/ is made from these.
Secrets never print: their repr is `***`.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

MASTER_KEY_BYTES = 32
HIGHEST_PORT = 65535
FASTEST_SENDER = 1000  # parts a second; no sender that Twilio sells comes near

_NUMBER = r"\+[1-9][0-9]{6,14}"
_SERVICE = r"MG[0-9a-f]{32}"
# Settings that name senders: the shape of one, and what would be right. An alphanumeric sender has up to 11 letters.
_SENDERS = {
    "twilio_from": (
        rf"{_NUMBER}|[1-9][0-9]{{2,5}}|{_SERVICE}",
        "a number with + and calling code, a short code of 3 to 6 digits, or a Messaging Service (MG...)",
    ),
    "twilio_country_senders": (
        rf"\+[1-9][0-9]{{0,5}}=(?:{_NUMBER}|{_SERVICE}|(?=.*[A-Za-z])[A-Za-z0-9 +_&-]{{1,11}})",
        "+62=LINE, several with commas",
    ),
    "whatsapp_from": (_NUMBER, "a number with + and its calling code"),
}


class SettingsError(Exception):
    """Some settings cannot be used; each line says which, what was found and what would be right."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class Secret(str):
    """A string that does not show itself in logs or tracebacks."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "***"


def setting(help_line: str, *, env: str, default: object = None, secret: bool = False) -> Any:
    """A field of `Settings` with its variable and its line of help; of any type, as that of `dataclasses.field`."""
    return field(default=default, repr=not secret, metadata={"env": env, "help": help_line, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What this installation is told from outside."""

    port: int = setting("Port of the web process on 127.0.0.1.", env="LANTERN_PORT", default=8080)
    data: Path = setting("Folder for database, models and sockets.", env="LANTERN_DATA", default=Path("var"))
    public_url: str | None = setting(
        "Address under which providers reach us, for webhooks and their signatures.", env="LANTERN_PUBLIC_URL"
    )
    master_key: bytes | None = setting(
        "The 32-byte key that seals all others, in base64; keep it outside the data folder and every backup.",
        env="LANTERN_MASTER_KEY",
        secret=True,
    )
    master_key_file: Path | None = setting(
        "A file that holds the master key in base64, in place of LANTERN_MASTER_KEY; further lines only open.",
        env="LANTERN_MASTER_KEY_FILE",
    )
    master_key_command: str | None = setting(
        "A command that prints the master key in base64, for a key service; run without a shell, at most 30 s.",
        env="LANTERN_MASTER_KEY_COMMAND",
    )
    other_master_keys: tuple[bytes, ...] = setting(
        "While the master key is changed: further keys in base64, by spaces, that open and do not seal.",
        env="LANTERN_MASTER_KEY_OTHER",
        default=(),
        secret=True,
    )
    idle_minutes: int = setting(
        "After so many minutes without an act of theirs a person is signed out of the desk.",
        env="LANTERN_IDLE_MINUTES",
        default=60,
    )
    breached_passwords: Path | None = setting(
        "A file of SHA-1 hashes of passwords known from breaches, a line each, in order: staff cannot choose those.",
        env="LANTERN_BREACHED_PASSWORDS",
    )
    database_url: Secret | None = setting(
        "postgresql://user:password@host/name; without it SQLite in the data folder.", env="DATABASE_URL", secret=True
    )
    redis_url: Secret | None = setting(
        "redis://host:port/0 for wake-ups and live events; without it a local server or polling.",
        env="REDIS_URL",
        secret=True,
    )
    twilio_account_sid: str | None = setting("Account SID (AC...).", env="LANTERN_TWILIO_ACCOUNT_SID")
    twilio_auth_token: Secret | None = setting(
        "Auth token; also checks the signature of webhooks.", env="LANTERN_TWILIO_AUTH_TOKEN", secret=True
    )
    twilio_from: str | None = setting(
        "Our number (+...) or Messaging Service (MG...); several with commas, the first is for new contacts.",
        env="LANTERN_TWILIO_FROM",
    )
    twilio_auth_token_next: Secret | None = setting(
        "While the auth token is being changed: the secondary one, believed as well.",
        env="LANTERN_TWILIO_AUTH_TOKEN_NEXT",
        secret=True,
    )
    twilio_country_senders: str | None = setting(
        "Another sender for a country, by its calling code: +62=LINE, +855=+85510000000.",
        env="LANTERN_TWILIO_COUNTRY_SENDERS",
    )
    twilio_parts_a_second: float | None = setting(
        "SMS parts a second that each of our senders takes; without it, what Twilio gives its kind.",
        env="LANTERN_TWILIO_PARTS_A_SECOND",
    )
    twilio_api_base: str | None = setting(
        "Another address for Twilio's API, for tests and proxies.", env="LANTERN_TWILIO_API_BASE"
    )
    whatsapp_from: str | None = setting(
        "Our WhatsApp number (+...) at Twilio; it goes over the same account.", env="LANTERN_WHATSAPP_FROM"
    )
    telegram_token: Secret | None = setting("Bot token.", env="LANTERN_TELEGRAM_TOKEN", secret=True)
    telegram_api_base: str | None = setting(
        "Another address for Telegram's Bot API, for tests and proxies.", env="LANTERN_TELEGRAM_API_BASE"
    )
    metrics_token: Secret | None = setting(
        "Who sends it as a bearer token may read /metrics from elsewhere; without it only this machine may.",
        env="LANTERN_METRICS_TOKEN",
        secret=True,
    )
    telegram_secret: Secret | None = setting(
        "Secret that Telegram repeats with each webhook call: letters, digits, _ and -.",
        env="LANTERN_TELEGRAM_SECRET",
        secret=True,
    )

    telegram_name: str | None = setting(
        "The bot's name as a phone shows it; choose one that tells nothing. `./run doctor --fix` sets it.",
        env="LANTERN_TELEGRAM_NAME",
    )

    security_contact: str | None = setting(
        "Whom to tell about a weakness (mailto: or https:); served at /.well-known/security.txt.",
        env="LANTERN_SECURITY_CONTACT",
    )

    @property
    def twilio_senders(self) -> tuple[str, ...]:
        """Our numbers and Messaging Services; the first is the one for new contacts."""
        return tuple(part.strip() for part in (self.twilio_from or "").split(",") if part.strip())

    @property
    def twilio_senders_by_country(self) -> dict[str, str]:
        """Calling code ("+62") to the sender used there."""
        pairs = (part.strip().partition("=") for part in (self.twilio_country_senders or "").split(",") if part.strip())
        return {code.strip(): sender.strip() for code, _, sender in pairs}

    mail_server: Secret | None = setting(
        "smtp://user:password@host:587 (smtps:// for TLS from the start), for alerts to people on call.",
        env="LANTERN_MAIL_SERVER",
        secret=True,
    )
    mail_from: str | None = setting("The sender of those mails.", env="LANTERN_MAIL_FROM")

    backups: Path | None = setting(
        "Folder for backups, best on another disk; without it `backups` in the data folder.", env="LANTERN_BACKUPS"
    )
    backup_keys: Path | None = setting(
        "Folder for the keys of backups and the list of what was erased: neither with the data nor with the backups.",
        env="LANTERN_BACKUP_KEYS",
    )
    backup_days: int = setting(
        "After so many days the key of a backup is destroyed, and nobody can read it any more; at most 14.",
        env="LANTERN_BACKUP_DAYS",
        default=14,
    )

    @property
    def demo(self) -> bool:
        """True when no real channel is set up: demo accounts and the try-out page exist only then."""
        return not (self.telegram_token or self.twilio_account_sid)

    def carries(self, channel: str) -> bool:
        """True when messages of ours go out on this channel; without any real one all are the try-out's."""
        real = {
            "sms": bool(self.twilio_account_sid and self.twilio_auth_token and self.twilio_from),
            "whatsapp": bool(self.twilio_account_sid and self.whatsapp_from),
            "telegram": bool(self.telegram_token),
        }
        return self.demo or real.get(channel, False)

    @property
    def polls_telegram(self) -> bool:
        """True when Telegram must be asked for updates because it cannot reach us."""
        return bool(self.telegram_token) and not (self.public_url and self.telegram_secret)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the environment.

        Raises:
            SettingsError: with every problem found, not only the first.
        """
        env = os.environ if environ is None else environ
        problems: list[str] = []
        values: dict[str, object] = {}
        for item in fields(cls):
            raw = env.get(item.metadata["env"], "").strip()
            if not raw:
                continue
            try:
                values[item.name] = _read(item.name, raw, secret=item.metadata["secret"])
            except ValueError as problem:
                problems.append(f"{item.metadata['env']}: {problem}")
        made = cls(**values)  # type: ignore[arg-type]
        judged = {one.partition(":")[0] for one in problems}
        problems += _contradictions(made, judged) + _key_contradictions(made) + _backup_contradictions(made)
        if problems:
            raise SettingsError(problems)
        return made


# Whole numbers: the smallest, the largest, and what they count.
_WHOLE = {
    "port": (1, HIGHEST_PORT, "a port"),
    "idle_minutes": (5, 720, "a time in minutes"),
    "backup_days": (1, 14, "a time in days"),  # what is erased is gone from backups by then: docs/trust/data-map.md
}


_WEB = (("http", "https"), "https://line.example.org")
# Addresses: their schemes, and what one looks like.
_ADDRESSES = {
    "public_url": _WEB,
    "twilio_api_base": _WEB,
    "telegram_api_base": _WEB,
    "mail_server": (("smtp", "smtps"), "smtp://user:password@mail.example.org:587"),
}


def _whole(raw: str, smallest: int, largest: int, what: str) -> int:
    if not raw.isdigit() or not smallest <= int(raw) <= largest:
        raise ValueError(f"found {raw!r}; {what} is a whole number from {smallest} to {largest}")
    return int(raw)


def _read(name: str, raw: str, *, secret: bool) -> object:
    if name in _WHOLE:
        return _whole(raw, *_WHOLE[name])
    if name == "twilio_parts_a_second":
        return _positive(raw)
    shaped = {"security_contact": _security_contact, "telegram_secret": _telegram_secret}.get(name)
    if shaped is not None:
        return shaped(raw)
    if name in _SENDERS:
        return _senders(raw, *_SENDERS[name])
    if name in ("data", "master_key_file", "backups", "backup_keys", "breached_passwords"):
        return Path(raw)
    if name == "master_key":
        return read_key(raw)
    if name == "other_master_keys":
        return tuple(read_key(one) for one in raw.split())
    if name in _ADDRESSES:
        raw = _address(name, raw, secret=secret)
    return Secret(raw) if secret else raw


def _address(name: str, raw: str, *, secret: bool) -> str:
    schemes, example = _ADDRESSES[name]
    parts = urlsplit(raw)
    if parts.scheme not in schemes or not parts.hostname:
        found = "" if secret else f"found {raw!r}; "
        raise ValueError(f"{found}an address looks like {example}")
    raw = raw.rstrip("/")
    if name == "public_url":
        _bare(raw)
    return raw


def _bare(raw: str) -> None:
    """Refuse what comes after the name and port: webhooks stand at the root, and signatures hold the whole address."""
    parts = urlsplit(raw)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0 or "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        raise ValueError(
            f"found {raw!r}; right is scheme and name (and a port), without a path: {parts.scheme}://{parts.hostname}"
        )


def _senders(raw: str, shape: str, right: str) -> str:
    for one in raw.split(","):
        if not re.fullmatch(shape, one.strip()):
            raise ValueError(f"found {one.strip()!r}; right is {right}")
    return raw


def _telegram_secret(raw: str) -> Secret:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", raw):
        raise ValueError("Telegram takes 1 to 256 letters a-z and A-Z, digits, _ and -; nothing else")
    return Secret(raw)


def _security_contact(raw: str) -> str:
    if not re.fullmatch(r"mailto:[^\s@]+@[^\s@]+|https://\S+", raw):
        raise ValueError(f"found {raw!r}; right is mailto:name@example.org or https://example.org/report")
    return raw


def _positive(raw: str) -> float:
    try:
        number = float(raw)
    except ValueError:
        number = 0.0
    if not 0 < number <= FASTEST_SENDER:
        raise ValueError(f"found {raw!r}; right is a number above 0, at most {FASTEST_SENDER}")
    return number


def read_key(text: str) -> bytes:
    """The master key from its base64 text; ValueError says what would be right."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != MASTER_KEY_BYTES:
        raise ValueError(
            f"not the base64 of {MASTER_KEY_BYTES} bytes; if this line has ever run, type its key again from the paper"
            " or a copy, for a new key opens nothing of it; only for a new line make one with `./run keys new`"
        )
    return key


def _contradictions(made: Settings, judged: set[str]) -> list[str]:
    """What does not go together; a setting that was `judged` wrong by itself is there, and not missing."""
    problems = []
    twilio = {
        "LANTERN_TWILIO_ACCOUNT_SID": made.twilio_account_sid,
        "LANTERN_TWILIO_AUTH_TOKEN": made.twilio_auth_token,
        "LANTERN_TWILIO_FROM": made.twilio_from,
    }
    missing = [name for name, value in twilio.items() if not value and name not in judged]
    if made.twilio_account_sid and missing:
        problems.append(f"{', '.join(missing)}: missing; SMS needs all three of {', '.join(twilio)}")
    if made.whatsapp_from and not made.twilio_account_sid:
        problems.append(
            "LANTERN_WHATSAPP_FROM: WhatsApp goes over a Twilio account; set LANTERN_TWILIO_ACCOUNT_SID too"
        )
    if made.twilio_account_sid and not made.public_url and "LANTERN_PUBLIC_URL" not in judged:
        problems.append("LANTERN_PUBLIC_URL: missing; Twilio signs its calls with our public address")
    if made.mail_server and not made.mail_from:
        problems.append("LANTERN_MAIL_FROM: missing; a mail needs a sender")
    if made.database_url and not made.database_url.startswith(("postgresql://", "postgres://")):
        problems.append("DATABASE_URL: only postgresql:// is served here; leave it out for SQLite")
    if made.redis_url and not made.redis_url.startswith(("redis://", "rediss://", "unix://")):
        problems.append("REDIS_URL: an address looks like redis://127.0.0.1:6379/0")
    return problems


def _key_contradictions(made: Settings) -> list[str]:
    problems = []
    sources = {
        "LANTERN_MASTER_KEY": made.master_key,
        "LANTERN_MASTER_KEY_FILE": made.master_key_file,
        "LANTERN_MASTER_KEY_COMMAND": made.master_key_command,
    }
    given = [name for name, value in sources.items() if value]
    if not made.demo and not given:
        problems.append(f"{' or '.join(sources)}: missing; real channels need a kept key")
    if len(given) > 1:
        problems.append(f"{', '.join(given)}: the master key comes from one place; leave out all but one")
    key_file = made.master_key_file
    if key_file and made.data.resolve() in key_file.resolve().parents:
        problems.append(f"LANTERN_MASTER_KEY_FILE: {key_file} lies in the data folder; keep it outside, it opens all")
    breached = made.breached_passwords
    if breached is not None and not breached.is_file():
        problems.append(f"LANTERN_BREACHED_PASSWORDS: {breached} is no file; leave it out to have none")
    return problems


def _backup_contradictions(made: Settings) -> list[str]:
    if made.backups is None and made.backup_keys is None:
        return []
    if made.backups is None or made.backup_keys is None:
        missing = "LANTERN_BACKUPS" if made.backups is None else "LANTERN_BACKUP_KEYS"
        return [f"{missing}: missing; backups and their keys have two places, and neither is the data folder"]
    backups, keys = made.backups.resolve(), made.backup_keys.resolve()
    if backups == keys or backups in keys.parents or keys in backups.parents:
        return [
            f"LANTERN_BACKUP_KEYS: {keys} and {backups} lie in each other; whoever takes a backup must not get its key"
        ]
    return []
