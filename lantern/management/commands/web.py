"""The web process: webhooks and desk, on this machine's own address; a proxy in front of it brings the world."""

from __future__ import annotations

import gc
import os
from typing import Any

from django.conf import settings
from django.urls import get_resolver

from lantern import beating, logs, start
from lantern.lifetime import watch_supervisor
from lantern.management.base import BaseCommand
from records.figures.beats import WEB

GRACE_S = 4  # open pages of the desk hold a connection for ever; they come back by themselves


class Command(BaseCommand):
    """`./run web`"""

    help = "the web process: webhooks and desk"
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until told to end."""
        import uvicorn

        line = settings.LANTERN
        watch_supervisor()
        try:
            start.judge(line)
            start.make_data_folder(line)
            start.find_port_free(line.port)
            start.judge_tables(line)
        except start.CannotStartError as problem:
            self.stderr.write(str(problem))
            raise SystemExit(2) from problem
        logs.configure()
        beating.beat_beside(WEB)
        application = _application(demo=line.demo)
        _settle()
        uvicorn.run(
            application,
            host=start.HOST,
            port=line.port,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=line.public_url is not None,
            forwarded_allow_ips=start.HOST,
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=GRACE_S,
        )


def _settle() -> None:
    """Load every view, then keep all of it out of the collector's sight: its looking through it stops every answer."""
    get_resolver().url_patterns  # noqa: B018 - asking for them loads them
    gc.collect()
    gc.freeze()


def _application(*, demo: bool) -> Any:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lantern.settings")
    from lantern.asgi import application
    from lantern.demo_guard import this_machine_only

    return this_machine_only(application) if demo else application
