"""How Telegram's answers are read: by what they say, and an answer without sense keeps its status for the log."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from telegram.error import NetworkError
from telegram.request import HTTPXRequest

from channels.answers import SHAPE

_YES = b'{"ok":true'


class AnsweredBadly(NetworkError):
    """The server of the Bot API answered that it failed itself; or something else answers there, which is SHAPE."""

    def __init__(self, code: int | str) -> None:
        self.code = code
        super().__init__(f"HTTP {code}")


class TelegramRequest(HTTPXRequest):
    """The package's requests; it looks at the status alone, and would take a no that comes with a 200 for a yes."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """The status that the answer means, and its body. Raises TelegramError."""
        status, body = await super().do_request(*args, **kwargs)
        status = _status_meant(status, body)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise AnsweredBadly(status)
        return status, body if status == HTTPStatus.OK else _refusal(status, body)

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """The package's reading, which knows no end of lists in lists. Raises TelegramError."""
        try:
            return HTTPXRequest.parse_json_payload(payload)
        except RecursionError:
            raise AnsweredBadly(SHAPE) from None


def _refusal(status: int, body: bytes) -> bytes:
    """A refusal of the Bot API with nothing in it that the package stumbles over; raises for one of somebody else."""
    said = _read(body)
    if not isinstance(said, dict) or said.get("ok") is not False:
        raise AnsweredBadly(status)  # a page of something in between: no word about our token or the contact
    why, more = said.get("description"), said.get("parameters")
    numbers = {name: value for name, value in more.items() if isinstance(value, int)} if isinstance(more, dict) else {}
    plain = {"ok": False, "description": why if isinstance(why, str) else "", "parameters": numbers}
    return json.dumps(plain).encode()


def _status_meant(status: int, body: bytes) -> int:
    if status != HTTPStatus.OK or body.startswith(_YES):
        return status
    said = _read(body)
    if isinstance(said, dict) and said.get("ok") is True:
        return status
    code = said.get("error_code") if isinstance(said, dict) else None
    if not isinstance(code, int) or code < HTTPStatus.BAD_REQUEST:
        raise AnsweredBadly(SHAPE)  # a page of something in between, or what stands at another address
    return code


def _read(body: bytes) -> Any:
    """The JSON, or None for what is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
