"""How Telegram's answers are read: by what they say, and an answer without sense keeps its status for the log."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from telegram.error import NetworkError
from telegram.request import HTTPXRequest

_YES = b'{"ok":true'


class AnsweredBadly(NetworkError):
    """The server of the Bot API answered that it failed itself."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"HTTP {status}")


class TelegramRequest(HTTPXRequest):
    """The package's requests; it looks at the status alone, and would take a no that comes with a 200 for a yes."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """The status that the answer means, and its body. Raises TelegramError."""
        status, body = await super().do_request(*args, **kwargs)
        status = _status_meant(status, body)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise AnsweredBadly(status)
        return status, body if status == HTTPStatus.OK else _refusal(status, body)


def _refusal(status: int, body: bytes) -> bytes:
    """A refusal of the Bot API with nothing in it that the package stumbles over; raises for one of somebody else."""
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict) or said.get("ok") is not False:
        raise AnsweredBadly(status)  # a page of something in between: no word about our token or the contact
    why, more = said.get("description"), said.get("parameters")
    numbers = {name: value for name, value in more.items() if isinstance(value, int)} if isinstance(more, dict) else {}
    plain = {"ok": False, "description": why if isinstance(why, str) else "", "parameters": numbers}
    return json.dumps(plain).encode()


def _status_meant(status: int, body: bytes) -> int:
    if status != HTTPStatus.OK or body.startswith(_YES):
        return status
    try:
        said = json.loads(body)
    except ValueError:
        return int(HTTPStatus.BAD_GATEWAY)  # a page of something in between
    if isinstance(said, dict) and said.get("ok") is True:
        return status
    code = said.get("error_code") if isinstance(said, dict) else None
    return code if isinstance(code, int) and code >= HTTPStatus.BAD_REQUEST else int(HTTPStatus.BAD_GATEWAY)
