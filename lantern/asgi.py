"""The web process: webhooks in, desk out. Imports nothing of Rasa."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantern.settings")

from django.core.asgi import get_asgi_application

from lantern.bounded import bounded
from lantern.browsers import guarded

application = guarded(bounded(get_asgi_application()))  # type: ignore[arg-type]  # Django narrows scope to a dict
