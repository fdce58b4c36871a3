"""Settings: read once from the environment, judged all together, frozen.

Every setting has one line of help beside it; the reference in docs/ is made from these.
Secrets never print: their repr is `***`.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

MASTER_KEY_BYTES = 32
HIGHEST_PORT = 65535


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


def setting(help_line: str, *, env: str, default: object = None, secret: bool = False) -> object:
    """A field of `Settings` with its variable and its line of help."""
    return field(default=default, repr=not secret, metadata={"env": env, "help": help_line, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What this installation is told from outside."""

    port: int = setting("Port of the web process on 127.0.0.1.", env="LANTERN_PORT", default=8080)  # type: ignore[assignment]
    data: Path = setting(  # type: ignore[assignment]
        "Folder for database, models and sockets.", env="LANTERN_DATA", default=Path("var")
    )
    public_url: str | None = setting(  # type: ignore[assignment]
        "Address under which providers reach us, for webhooks and their signatures.", env="LANTERN_PUBLIC_URL"
    )
    master_key: bytes | None = setting(  # type: ignore[assignment]
        "The 32-byte key that seals all others, in base64; keep it outside the data folder and every backup.",
        env="LANTERN_MASTER_KEY",
        secret=True,
    )
    master_key_file: Path | None = setting(  # type: ignore[assignment]
        "A file that holds the master key in base64 (instead of LANTERN_MASTER_KEY).", env="LANTERN_MASTER_KEY_FILE"
    )
    database_url: Secret | None = setting(  # type: ignore[assignment]
        "postgresql://user:password@host/name; without it SQLite in the data folder.", env="DATABASE_URL", secret=True
    )
    redis_url: Secret | None = setting(  # type: ignore[assignment]
        "redis://host:port/0 for wake-ups and live events; without it a local server or polling.",
        env="REDIS_URL",
        secret=True,
    )
    twilio_account_sid: str | None = setting("Account SID (AC...).", env="LANTERN_TWILIO_ACCOUNT_SID")  # type: ignore[assignment]
    twilio_auth_token: Secret | None = setting(  # type: ignore[assignment]
        "Auth token; also checks the signature of webhooks.", env="LANTERN_TWILIO_AUTH_TOKEN", secret=True
    )
    twilio_from: str | None = setting(  # type: ignore[assignment]
        "Our number (+...) or Messaging Service (MG...).", env="LANTERN_TWILIO_FROM"
    )
    twilio_api_base: str | None = setting(  # type: ignore[assignment]
        "Another address for Twilio's API, for tests and proxies.", env="LANTERN_TWILIO_API_BASE"
    )
    telegram_token: Secret | None = setting("Bot token.", env="LANTERN_TELEGRAM_TOKEN", secret=True)  # type: ignore[assignment]
    telegram_api_base: str | None = setting(  # type: ignore[assignment]
        "Another address for Telegram's Bot API, for tests and proxies.", env="LANTERN_TELEGRAM_API_BASE"
    )
    telegram_secret: Secret | None = setting(  # type: ignore[assignment]
        "Secret that Telegram repeats with each webhook call.", env="LANTERN_TELEGRAM_SECRET", secret=True
    )

    @property
    def demo(self) -> bool:
        """True when no real channel is set up: demo accounts and the try-out page exist only then."""
        return not (self.telegram_token or self.twilio_account_sid)

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
        problems += _contradictions(made)
        if problems:
            raise SettingsError(problems)
        return made


def _read(name: str, raw: str, *, secret: bool) -> object:
    if name == "port":
        if not raw.isdigit() or not 1 <= int(raw) <= HIGHEST_PORT:
            raise ValueError(f"found {raw!r}; a port is a whole number from 1 to 65535")
        return int(raw)
    if name in ("data", "master_key_file"):
        return Path(raw)
    if name == "master_key":
        return read_key(raw)
    if name in ("public_url", "twilio_api_base", "telegram_api_base"):
        parts = urlsplit(raw)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"found {raw!r}; an address looks like https://line.example.org")
        return raw.rstrip("/")
    return Secret(raw) if secret else raw


def read_key(text: str) -> bytes:
    """The master key from its base64 text; ValueError says what would be right."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != MASTER_KEY_BYTES:
        raise ValueError(f"not the base64 of {MASTER_KEY_BYTES} bytes; make one with `./run keys new`")
    return key


def _contradictions(made: Settings) -> list[str]:
    problems = []
    twilio = {
        "LANTERN_TWILIO_ACCOUNT_SID": made.twilio_account_sid,
        "LANTERN_TWILIO_AUTH_TOKEN": made.twilio_auth_token,
        "LANTERN_TWILIO_FROM": made.twilio_from,
    }
    missing = [name for name, value in twilio.items() if not value]
    if made.twilio_account_sid and missing:
        problems.append(f"{', '.join(missing)}: missing; SMS needs all three of {', '.join(twilio)}")
    if made.twilio_account_sid and not made.public_url:
        problems.append("LANTERN_PUBLIC_URL: missing; Twilio signs its calls with our public address")
    if made.database_url and not made.database_url.startswith(("postgresql://", "postgres://")):
        problems.append("DATABASE_URL: only postgresql:// is served here; leave it out for SQLite")
    if made.redis_url and not made.redis_url.startswith(("redis://", "rediss://", "unix://")):
        problems.append("REDIS_URL: an address looks like redis://127.0.0.1:6379/0")
    if not made.demo and not (made.master_key or made.master_key_file):
        problems.append("LANTERN_MASTER_KEY or LANTERN_MASTER_KEY_FILE: missing; real channels need a kept key")
    key_file = made.master_key_file
    if key_file and made.data.resolve() in key_file.resolve().parents:
        problems.append(f"LANTERN_MASTER_KEY_FILE: {key_file} lies in the data folder; keep it outside, it opens all")
    return problems
