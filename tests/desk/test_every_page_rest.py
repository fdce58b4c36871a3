"""Every page of an administrator and of an auditor, and every page that no address gives: axe finds nothing in either theme, and nothing is cut off."""

from __future__ import annotations

import pytest

from records.states import StaffRole
from tests.desk.every_page import a_days_work, of_role
from tests.desk.judged_pages import faults_of
from tests.desk.odd_pages import odd_pages

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quick"),
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning"),
]


@pytest.mark.parametrize("who", [StaffRole.ADMINISTRATOR, StaffRole.AUDITOR, "odd"])
def test_axe_finds_nothing_on_any_page_and_nothing_is_cut_off(hotline, browser, address, who):
    values = a_days_work(hotline)
    pages = odd_pages(hotline, values) if who == "odd" else of_role(who, values)[0]

    assert faults_of(pages, browser, address) == {}
