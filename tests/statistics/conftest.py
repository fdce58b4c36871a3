"""A line as in tests/records."""

from tests.records.conftest import *  # noqa: F403
