/* Sight: what stands on a page that comes back into sight (a tab, a phone that slept, a lid) may be old. It is marked so
   before anybody sees it, asked for at once, and called current again only when the server has answered for each part.
   Without this file the page catches up a moment later and says nothing of it. */
"use strict";
(() => {
  const SLEPT_MS = 10000; // a clock that stood still for so long was a machine asleep
  const LOOK_MS = 2000;
  const root = document.documentElement;
  const waits = new Set();
  let left = Date.now();
  let looked = Date.now();

  function mark(old) {
    if (old === (root.dataset.old !== undefined)) return;
    if (old) root.dataset.old = "";
    else delete root.dataset.old;
    document.dispatchEvent(new Event("desk-age"));
  }

  function back() {
    waits.clear();
    for (const part of document.querySelectorAll('[hx-trigger*="-changed from:body"], a#queue-counts')) waits.add(part.id);
    mark(waits.size > 0);
    document.dispatchEvent(new CustomEvent("desk-back", { detail: Date.now() - left }));
  }

  function current(part) {
    waits.delete(part);
    if (!waits.size && !document.hidden) mark(false);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) { back(); return; }
    left = Date.now();
    mark(true);
  });
  document.addEventListener("desk-current", ({ detail: part }) => current(part));
  document.addEventListener("htmx:afterRequest", ({ detail: { successful, target, elt } }) => {
    // Whoever opens another conversation meanwhile has that one fresh.
    if (successful) current(target?.id === "conversation" ? "lines" : elt.id);
  });
  setInterval(() => {
    const slept = Date.now() - looked > SLEPT_MS;
    if (slept && !document.hidden) { left = looked; back(); }
    looked = Date.now();
  }, LOOK_MS);
})();
