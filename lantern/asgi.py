"""The web process: webhooks in, desk out. Imports nothing of Rasa."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantern.settings")

from django.core.asgi import get_asgi_application

from lantern.bounded import bounded
from lantern.browsers import guarded

_django = get_asgi_application()

from lantern.door import with_door  # noqa: E402  # its views need Django set up

application = guarded(bounded(with_door(_django)))  # type: ignore[arg-type]  # Django narrows scope to a dict
