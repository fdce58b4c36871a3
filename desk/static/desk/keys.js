/* Keys: the whole desk without a mouse. Single letters can be switched off (they clash with some speech input). */
"use strict";
(() => {
  const SWITCH = "desk-letters";
  const letters = () => localStorage.getItem(SWITCH) !== "off";
  const byId = (id) => document.getElementById(id);
  const writing = (target) => target.matches("input, textarea, select, [contenteditable]");

  function step(by) {
    const cards = [...document.querySelectorAll(".card")];
    if (!cards.length) return;
    let at = cards.indexOf(document.activeElement);
    if (at < 0) at = cards.findIndex((card) => card.getAttribute("aria-current") === "true");
    const next = at < 0 ? (by > 0 ? 0 : cards.length - 1) : Math.min(cards.length - 1, Math.max(0, at + by));
    cards[next].focus();
  }

  function person() {
    const pane = byId("person");
    if (!pane) return;
    const open = pane.classList.toggle("open");
    byId("person-toggle")?.setAttribute("aria-expanded", String(open));
    if (open) pane.focus();
  }

  // As a click on it would: what is in it still has to be chosen or pressed.
  function menu(id) {
    const box = byId(id);
    if (!box) return;
    document.querySelectorAll("details.menu[open]").forEach((other) => { if (other !== box) other.open = false; });
    box.open = true;
    box.querySelector("select, button").focus();
  }

  const acts = {
    j: () => step(1),
    k: () => step(-1),
    c: () => byId("claim-next")?.requestSubmit(),
    s: () => byId("ask-safe")?.focus(),
    r: () => byId("reply")?.focus(),
    n: () => { const box = byId("note-box"); if (box) { box.open = true; byId("note").focus(); } },
    b: () => menu("hand-back"),
    g: () => menu("give"),
    x: () => menu("close"),
    p: person,
    t: () => byId("lines")?.focus(),
    f: () => byId("filter-level")?.focus(),
    "?": () => byId("help")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const target = event.target;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.matches("textarea")) {
      event.preventDefault();
      target.form.requestSubmit();
      return;
    }
    // A reply was asked about, and the cursor is not in it: first to the button that sends it, then it goes.
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && byId("second-look") && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      if (target.id === "send") target.form.requestSubmit();
      else byId("send").focus();
      return;
    }
    if (event.key === "Escape") {
      if (event.target.closest?.("details.menu[open]")) event.target.closest("details.menu").querySelector("summary").focus();
      document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; });
      byId("person")?.classList.remove("open");
      if (writing(target)) target.blur();
      return;
    }
    if (event.altKey && !event.ctrlKey && (event.code === "KeyJ" || event.code === "KeyK")) {
      event.preventDefault();
      step(event.code === "KeyJ" ? 1 : -1);
      return;
    }
    if (event.altKey && !event.ctrlKey && event.code === "KeyS" && byId("ask-safe")) {
      event.preventDefault();
      acts.s();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || writing(target) || document.querySelector("dialog[open]")) return;
    if (!letters() && event.key !== "?") return;
    const act = acts[event.key];
    if (act) { event.preventDefault(); act(); }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("#person-toggle")) person();
    if (event.target.closest("#help-open")) byId("help").showModal();
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  // Opened by Enter: the reader's place moves to the conversation, not back to the top of the page. The cursor goes into
  // the reply only by its key or by hand, and stays there after a reply: a letter meant as a key would go to a phone.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "conversation") return;
    const replied = event.detail.requestConfig?.elt.id === "reply-form";
    // A reply that was stopped because they are perhaps not alone: Enter asks them first.
    // An act that asks once first: what is typed then belongs to it, and must not stand in the reply.
    const asks = document.querySelector("main [data-asks]") || document.querySelector("main:has(#second-look[data-doubt]) #ask-safe");
    // One that was stopped for its words goes on in its box, also where that was opened with a reason.
    const held = replied && byId("second-look") && byId("reply");
    if (asks || held) (asks || held).focus({ preventScroll: true });
    else if (!document.activeElement?.matches("textarea")) (document.querySelector("#gate #ask-safe") || (replied && byId("reply")) || byId("main"))?.focus({ preventScroll: true });
  });
  document.addEventListener("DOMContentLoaded", () => {
    const box = byId("letters");
    if (!box) return;
    box.checked = letters();
    box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
  });
})();
