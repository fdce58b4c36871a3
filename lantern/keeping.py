"""What the clock keeps for the operator: the ledger of erasures, keys of backups until their time is over, statistics.

Keys go also when nobody makes backups any more: what was erased must be gone from all of them in time. A quarter
is published also when nobody asks for it: what it is counted from must go.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from lantern.backup import BackupError
from lantern.backup.keyring import Keyring
from lantern.backup.ledger import Ledger
from lantern.backup.places import Places, places
from lantern.config import Settings
from lantern.statistics.publishing import named, publish_due

_SELDOM = timedelta(hours=1)
_TRY_AGAIN = timedelta(minutes=1)
log = structlog.get_logger()


class Keeping:
    """One clock's share of it. A folder that is away is logged, and never holds up the clock."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._place: Places | None = None
        self._ledger: Ledger | None = None
        self._seldom_at: datetime | None = None
        self._not_before: datetime | None = None

    def tick(self, now: datetime) -> None:
        """Do what is due now."""
        if self._not_before is not None and now < self._not_before:
            return
        try:
            self._keep(now)
            self._not_before = None
        except (BackupError, OSError):
            log.warning("erasures_not_kept_for_backups", exc_info=True)
            self._place, self._not_before = None, now + _TRY_AGAIN

    def _keep(self, now: datetime) -> None:
        if self._place is None or self._ledger is None:
            self._place = places(self._settings)
            self._ledger = Ledger(self._place.keys)
        self._ledger.keep(now)
        if self._seldom_at is None or now >= self._seldom_at:
            self._seldom_at = now + _SELDOM
            for backup_id in Keyring(self._place.keys).destroy_due(now, self._place.kept_for):
                log.info("backup_key_destroyed", backup=backup_id)
            for quarter in publish_due(now):
                log.info("statistics_published", quarter=named(quarter))
