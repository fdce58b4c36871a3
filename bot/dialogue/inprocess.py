"""Actions in this process: the executor of the SDK without a server, and without silence.

Rasa swallows a failing action: the contact gets no reply and the tracker says all went well. So every
error is kept here and the step is refused.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

SCHEME = "inprocess://"


class InProcessActions(EndpointConfig):
    """An action endpoint that calls the actions' package directly."""

    def __init__(self, package: str = "actions", **settings: Any) -> None:
        settings.setdefault("enable_selective_domain", True)
        super().__init__(url=f"{SCHEME}{package}", **settings)
        logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
        self.executor = ActionExecutor()
        self.executor.register_package(package)
        self.errors: list[BaseException] = []

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = None,
        compress: bool = False,
        **settings: Any,
    ) -> Any:
        """Run the action that the body names and return its events and lines."""
        body = settings["json"]
        try:
            return await self.executor.run(body)
        except ActionExecutionRejection as rejection:  # what the SDK's server answers with 400
            found = json.dumps({"error": str(rejection), "action_name": rejection.action_name})
            raise ClientResponseError(400, "rejected", found) from rejection
        except Exception as error:
            self.errors.append(error)
            raise


def use_in_process_actions() -> None:
    """Let Rasa's own commands read `inprocess://actions` in endpoints.yml."""
    original = EndpointConfig.from_dict.__func__

    def from_dict(cls: type, data: dict[str, Any] | None) -> EndpointConfig:
        url = (data or {}).get("url") or ""
        return InProcessActions(url.removeprefix(SCHEME)) if url.startswith(SCHEME) else original(cls, data)

    EndpointConfig.from_dict = classmethod(from_dict)


__all__ = ["InProcessActions", "use_in_process_actions"]
