/* The phones look for new messages when the stream says so, and every three seconds anyway. */
"use strict";
document.documentElement.classList.add("js");
(() => {
  const LOOK_MS = 3000;
  const look = () => { if (!document.hidden) htmx.trigger(document.body, "phones-changed"); };
  const toEnd = (glass) => { glass.scrollTop = glass.scrollHeight; };

  document.addEventListener("htmx:afterSwap", (event) => {
    const glass = event.detail.target;
    if (!glass.classList.contains("glass")) return;
    toEnd(glass);
    const hints = glass.parentElement.querySelector(".hints");
    if (hints && glass.querySelector(".bubble") && !hints.dataset.folded) { hints.open = false; hints.dataset.folded = "1"; }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (event.detail.successful && form.matches("form.write")) form.reset();
  });
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll(".glass").forEach(toEnd);
    const source = new EventSource(document.body.dataset.events);
    source.addEventListener("desk", look);
    window.addEventListener("pagehide", () => source.close(), { once: true });
    setInterval(look, LOOK_MS);
  });
})();
