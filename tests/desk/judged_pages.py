"""A page in a real browser, judged: axe finds nothing in either theme, and nothing is cut off at any width.

With LANTERN_TEST_SCREENS set to a folder, a picture of each page is kept there (`python -m docs.screens`).
"""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT

# The last is what a window of 1280 by 800 shows at 200 %.
SIZES = ((1280, 800), (800, 800), (640, 400))
BOTH = {"home", "conversation", "case", "directory", "supervisor", "sign-in"}  # have a picture in the dark theme, too
# The structure of a page is the same in both themes: the dark one is asked about what depends on colour.
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
AXE = "asked => axe.run(asked).then(found => found.violations.map(({id, nodes}) => [id, nodes.map(({html, failureSummary}) => [html, failureSummary])]))"
# A page finds nothing that another left in the tab: each is looked at as in a new one.
NEW_TAB = "try { sessionStorage.clear() } catch (refused) {}"
# The page's own scripts have run: the live line is on, where there is one that comes on, and nothing is left to do.
QUIET = """() => new Promise((done) => {
  const since = performance.now();
  const look = () => {
    const live = document.querySelector("#live"), on = !live || live.dataset.state === "on";
    on || performance.now() - since > 150 ? requestIdleCallback(() => requestAnimationFrame(() => done()), {timeout: 150}) : setTimeout(look, 10);
  };
  look();
})"""
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


def faults_of(pages, browser, address):
    """What is wrong with these pages: by page, theme or width, and place."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.add_init_script(NEW_TAB)
    page, found = context.new_page(), {}
    for one in pages:
        show(page, address, one)
        found |= {(one.name, *key): what for key, what in judged(page).items()}
        keep_pictures(page, one.name, SIZES[:1] if one.posted else SIZES)
    context.close()
    return found


def show(page, address, one):
    """Bring the page into the browser, in the light theme, as wide as the widest."""
    page.context.clear_cookies()
    page.context.add_cookies([{"name": name, "value": value, "url": address} for name, value in one.cookies.items()])
    page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    if one.posted:
        answer = {"status": one.answer.status_code, "body": one.answer.content, "headers": dict(one.answer.headers)}
        page.route(address + one.path, lambda route: route.fulfill(**answer))
    page.goto(address + one.path)
    page.unroute_all()
    page.evaluate(QUIET)


def judged(page):
    """What axe says in each theme, and what is cut off at each width."""
    found = {}
    page.evaluate(AXE_SCRIPT)
    for scheme, asked in (("light", {"resultTypes": ["violations"]}), ("dark", COLOURS)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for rule, nodes in page.evaluate(AXE, asked):
            found |= {(scheme, rule, html[:120]): summary for html, summary in nodes}
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
