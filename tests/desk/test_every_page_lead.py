"""Every page of the desk for a supervisor: axe finds nothing in either theme, and nothing is cut off."""

from __future__ import annotations

import pytest

from records.states import StaffRole
from tests.desk.every_page import a_days_work, of_role
from tests.desk.judged_pages import faults_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quick"),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]


def test_axe_finds_nothing_on_any_page_and_nothing_is_cut_off(hotline, browser, address):
    pages, _answers = of_role(StaffRole.SUPERVISOR, a_days_work(hotline))

    assert faults_of(pages, browser, address) == {}
