"""Our own address, before a provider is told it: what is wrong with it, and does this line answer there?

A live number that is pointed at an address where nobody listens loses what people write to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from lantern.doctor import CannotMend

TIMEOUT_S = 10
HTTPS = 443
_UNCHANGED = "; until it is right, --fix points no provider at it"


def goes_to(address: str, method: str) -> str:
    """Return where a provider hands over what people write, as the end of a sentence."""
    return f"goes to {address} by {method or 'no method'}" if address else "goes to nowhere: no address is set there"


@dataclass(frozen=True, slots=True, kw_only=True)
class OurAddress:
    """LANTERN_PUBLIC_URL, as the doctor judges it."""

    url: str
    even_if_unreachable: bool = False  # the operator asked to write it all the same

    def fault(self, ports: tuple[int, ...] = ()) -> str | None:
        """Say what is wrong with it, where a provider calls https:// and these ports only (none named: any)."""
        parts = urlsplit(self.url)
        if parts.scheme != "https":
            return (
                f"LANTERN_PUBLIC_URL: found {self.url}; right is an address with https://, else what people write"
                f" travels in the open{_UNCHANGED}"
            )
        if ports and (parts.port or HTTPS) not in ports:
            named = ", ".join(map(str, ports))
            return f"LANTERN_PUBLIC_URL: found {self.url}; Telegram calls the ports {named} only{_UNCHANGED}"
        return None

    def takes_over_from(self, other: str, ours: str) -> str:
        """Return the words that follow `done` when what went to another address goes to this one of ours from now on.

        Raises:
            CannotMend: something goes there today, and this line does not answer at our address.
        """
        if other in ("", ours):
            return ""
        if not self.even_if_unreachable:
            self._answers(other)
        return f"; until now: {other}"

    def _answers(self, other: str) -> None:
        page = f"{self.url}/livez"
        try:
            answer = httpx.get(page, timeout=TIMEOUT_S, trust_env=False)
            here = answer.is_success and answer.json().get("ok") is True
            found = f"the answer is {answer.status_code}, and not this line's"
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, AttributeError, RecursionError) as problem:
            here, found = False, f"no answer ({type(problem).__name__})"
        if not here:
            raise CannotMend(
                f"this line does not answer at {page} ({found}); nothing was changed, all still goes to {other}."
                " Let it answer there first, or add --even-if-unreachable"
            )
