"""Every page of the desk, for every role: none is forgotten, axe finds nothing in either theme, and nothing is cut off.

The pages come from the addresses (`tests/desk/every_page.py`). `python -m docs.screens` runs this with LANTERN_TEST_SCREENS
set to a folder, where a picture of each page is kept.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from records.states import StaffRole
from tests.desk.every_page import a_days_work, is_page, of_role, whole_templates
from tests.desk.odd_pages import odd_pages
from tests.watched import watched

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]

# The last is what a window of 1280 by 800 shows at 200 %.
SIZES = ((1280, 800), (800, 800), (640, 400))
BOTH = {"home", "conversation", "case", "directory", "supervisor", "sign-in"}  # have a picture in the dark theme, too
# The structure of a page is the same in both themes: the dark one is asked about what depends on colour.
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
CUT_OFF = """() => {
  const seen = (one) => one.checkVisibility({visibilityProperty: true}) && !one.closest(".hidden, .skip, #cover");
  const root = document.documentElement, wide = root.scrollWidth - root.clientWidth;
  const cut = [...document.querySelectorAll("button, a, h1, h2, p, label, dd, li, td, th, select, summary, .card, .tag")].filter(
    (one) => seen(one) && getComputedStyle(one).display !== "inline" && getComputedStyle(one).overflowX !== "visible" && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 2);
  const out = [...document.querySelectorAll("button, a, input:not([type=hidden]), select, textarea, summary, h1, h2, label")].filter(
    (one) => { const box = one.getBoundingClientRect(); return seen(one) && box.width > 0 && (box.left < -1 || box.right > root.clientWidth + 1) && !one.closest("[data-scrolls], .table"); });
  const pressed = [...document.querySelectorAll("button, a, input:not([type=hidden]), select, textarea, summary")].filter(seen).map((one) => {
    let {left, right, top, bottom} = one.getBoundingClientRect();  // less what a box around it has scrolled away
    for (let box = one.parentElement; box; box = box.parentElement) if (getComputedStyle(box).overflowY !== "visible") {
      const of = box.getBoundingClientRect();
      [left, right, top, bottom] = [Math.max(left, of.left), Math.min(right, of.right), Math.max(top, of.top), Math.min(bottom, of.bottom)];
    }
    return [one, {left, right, top, bottom}];
  });
  const over = pressed.flatMap(([a, x], at) => pressed.slice(at + 1).filter(([b, y]) =>
    Math.min(x.right, y.right) - Math.max(x.left, y.left) > 2 && Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top) > 2
    && !a.contains(b) && !b.contains(a) && a.offsetParent === b.offsetParent).map(([b]) => [a, b]));
  const name = (one) => one.outerHTML.slice(0, 90);
  return [...(wide > 1 ? [`${wide} pixels wider than the window`] : []), ...cut.map((one) => "cut: " + name(one)),
    ...out.map((one) => "outside: " + name(one)), ...over.map(([a, b]) => "over each other: " + name(a) + " and " + name(b))];
}"""


def test_no_page_is_forgotten(hotline):
    values = a_days_work(hotline)
    roles = {role: of_role(role, values) for role in StaffRole}
    odd = odd_pages(hotline, values)

    pages = [page for found, _ in roles.values() for page in found] + odd
    used = set().union(*(page.templates for page in pages))
    nobodys = {name for name in roles[StaffRole.WORKER][1] if all(got[name] <= {403, 404} for _, got in roles.values())}

    assert whole_templates() - used == set()
    assert nobodys == set(), "nobody opened these: put what stands in their brackets into a_days_work"
    assert [page.name for page in odd if not is_page(page.answer)] == []


@pytest.mark.parametrize("role", list(StaffRole))
def test_escape_three_times_hides_every_page_of_somebody_who_is_signed_in(hotline, role):
    pages, _answers = of_role(role, a_days_work(hotline))

    bare = [
        page.name
        for page in pages
        if not all(part in page.answer.content for part in (b"desk/guard.js", b'data-hide="/desk/hide/"'))
    ]

    assert bare == []


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning")
@pytest.mark.parametrize("who", [*StaffRole, "odd"])
def test_axe_finds_nothing_on_any_page_and_nothing_is_cut_off(hotline, browser, address, who):
    values = a_days_work(hotline)
    pages = odd_pages(hotline, values) if who == "odd" else of_role(who, values)[0]
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    found = {}

    for one in pages:
        page = shown(context, address, one)
        found |= {(one.name, *key): what for key, what in judged(page).items()}
        keep_pictures(page, one.name, SIZES[:1] if one.posted else SIZES)
        page.close()
    context.close()

    assert found == {}


def shown(context, address, one):
    """The page in the browser, in the light theme, as wide as the widest."""
    context.clear_cookies()
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in one.cookies.items()])
    page = watched(context.new_page())
    if one.posted:
        answer = {"status": one.answer.status_code, "body": one.answer.content, "headers": dict(one.answer.headers)}
        page.route(address + one.path, lambda route: route.fulfill(**answer))
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(address + one.path)
    page.wait_for_timeout(150)  # the page's own scripts have run
    return page


def judged(page):
    """What axe says in each theme, and what is cut off at each width."""
    found = {}
    for scheme, asked in (("light", {"resultTypes": ["violations"]}), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for one in Axe().run(page, options=asked).response["violations"]:
            found |= {(scheme, one["id"], node["html"][:120]): node["failureSummary"] for node in one["nodes"]}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        if troubles := page.evaluate(CUT_OFF):
            found[(width,)] = troubles
    return found


def keep_pictures(page, name, sizes):
    """A picture at each width, where somebody asked for them; of those in BOTH the widest in both themes."""
    if not (folder := os.environ.get("LANTERN_TEST_SCREENS")):
        return
    for width, height in sizes:
        for scheme in ("light", "dark") if width == SIZES[0][0] and name in BOTH else ("light",):
            path = Path(folder) / f"{name}-{width}{'-dark' if scheme == 'dark' else ''}.png"
            if not path.exists():
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                page.evaluate("document.getElementById('lines')?.scrollTo(0, 1e6)")
                page.screenshot(path=path, full_page=True)
