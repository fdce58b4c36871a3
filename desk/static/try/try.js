/* The phones look for new messages when the desk's event stream says so, and every 1.5 seconds anyway:
   the stream is closed to whoever is not signed in. */
"use strict";
document.documentElement.classList.add("js");
(() => {
  const LOOK_MS = 1500;
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
    setInterval(look, LOOK_MS);
  });
})();
