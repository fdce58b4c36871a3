"""The web process: webhooks in, desk out. Imports nothing of Rasa."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantern.settings")

from lantern.bounded import bounded
from lantern.browsers import guarded
from lantern.handling import application as django_application

_django = django_application()

from lantern.door import with_door  # noqa: E402  # its views need Django set up

application = guarded(bounded(with_door(_django)))
