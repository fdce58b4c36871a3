"""Every page of the desk: none is forgotten; on those of a worker axe finds nothing in either theme, and nothing is cut off.

The pages come from the addresses (`tests/desk/every_page.py`). Those of the other roles and those that no address
gives stand in files of their own, as tests run side by side file by file.
"""

from __future__ import annotations

import pytest

from records.states import StaffRole
from tests.desk.every_page import a_days_work, is_page, of_role, whole_templates
from tests.desk.judged_pages import faults_of, judged
from tests.desk.odd_pages import odd_pages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]


def test_no_page_is_forgotten_and_escape_three_times_hides_each_of_somebody_who_is_signed_in(hotline):
    values = a_days_work(hotline)
    roles = {role: of_role(role, values) for role in StaffRole}
    odd = odd_pages(hotline, values)

    pages = [page for found, _ in roles.values() for page in found] + odd
    used = set().union(*(page.templates for page in pages))
    nobodys = {name for name in roles[StaffRole.WORKER][1] if all(got[name] <= {403, 404} for _, got in roles.values())}
    bare = [
        (role, page.name)
        for role, (found, _) in roles.items()
        for page in found
        if not all(part in page.answer.content for part in (b"desk/guard.js", b'data-hide="/desk/hide/"'))
    ]

    assert whole_templates() - used == set()
    assert nobodys == set(), "nobody opened these: put what stands in their brackets into a_days_work"
    assert [page.name for page in odd if not is_page(page.answer)] == []
    assert bare == []


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning")
def test_axe_finds_nothing_on_any_page_and_nothing_is_cut_off(hotline, browser, address):
    pages, _answers = of_role(StaffRole.WORKER, a_days_work(hotline))

    assert faults_of(pages, browser, address) == {}


@pytest.mark.browser
def test_the_judge_is_awake(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_content(
        "<html lang=en><title>x</title><style>@media (prefers-color-scheme: dark) { p { color: #777; background: #888 } }</style>"
        "<main><h1>x</h1><p>not to be read in the dark</p><img src=x><div style='width: 900px'>x</div></main>"
    )

    found = judged(page)
    page.close()

    assert {key[:2] for key in found} == {("light", "image-alt"), ("dark", "color-contrast"), (800,), (640,)}
