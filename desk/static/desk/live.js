/* Live: when the bar has heard ids, lets htmx fetch the fragments again. Without this file every page still works:
   there is a Reload link. */
"use strict";

(() => {
  const lines = () => document.getElementById("lines");
  const words = document.getElementById("words")?.dataset ?? {};
  let pending = 0;
  const due = { queue: false, thread: false };

  function changed(queue = true, thread = true) {
    // Several signals in a burst are one fetch. Some time apart from the other desks: fifty of them hear the same.
    due.queue ||= queue;
    due.thread ||= thread;
    if (pending) return;
    pending = setTimeout(() => {
      pending = 0;
      const { queue, thread } = due;
      due.queue = due.thread = false;
      if (queue) htmx.trigger(document.body, "desk-changed");
      if (thread) htmx.trigger(document.body, "thread-changed");
    }, 60 + Math.random() * 200);
  }

  document.addEventListener("desk-moved", ({ detail: ids }) => {
    const open = document.getElementById("open-id")?.value;
    if (!ids.length) changed();
    else changed(ids.some((id) => !id.startsWith("w")), ids.includes(open) || ids.includes(`w${open}`));
  });

  // Seen again: at once, and not behind a request that the sleep of the machine has cut.
  document.addEventListener("desk-back", () => {
    clearTimeout(pending);
    pending = 0;
    for (const part of document.querySelectorAll('[hx-trigger*="-changed from:body"]')) htmx.trigger(part, "htmx:abort");
    htmx.trigger(document.body, "desk-changed");
    htmx.trigger(document.body, "thread-changed");
    times();
  });

  function ago(seconds) {
    if (seconds < 60) return words.now;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} ${words.min}`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${hours} ${words.h} ${minutes % 60} ${words.min}`;
    return `${Math.floor(hours / 24)} ${words.days}`;
  }

  function zones() {
    for (const box of document.querySelectorAll(".browser-zone")) box.value = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  function times() {
    const now = Date.now();
    for (const box of document.querySelectorAll("time.ago")) {
      const words = ago((now - Date.parse(box.dateTime)) / 1000);
      if (box.textContent !== words) box.textContent = words;
    }
    for (const box of document.querySelectorAll("time.clock:not([data-local])")) {
      const at = new Date(box.dateTime);
      const timeZone = document.documentElement.dataset.zone || undefined;
      const spoken = document.documentElement.lang || [];
      box.textContent = at.toLocaleTimeString(spoken, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone });
      box.title = at.toLocaleString(spoken, { dateStyle: "medium", timeStyle: "long", hourCycle: "h23", timeZone });
      box.dataset.local = "";
    }
  }

  function marks() {
    const open = document.getElementById("open-id")?.value;
    for (const card of document.querySelectorAll(".card")) {
      if (open && card.id === `card-${open}`) card.setAttribute("aria-current", "true");
      else card.removeAttribute("aria-current");
    }
  }

  function toEnd() { const box = lines(); if (box) box.scrollTop = box.scrollHeight; }

  // Where the list stands above the conversation, the page scrolls as one: what was opened comes into sight at its
  // newest message, or at the beginning of that where it is longer than the window.
  function toNewest(otherwise) {
    if (!matchMedia("(max-width: 699px)").matches) return;
    const newest = lines()?.querySelector(".lines > li:last-child") ?? otherwise;
    const fits = newest && newest.offsetHeight < innerHeight / 2;
    newest?.scrollIntoView({ block: fits ? "center" : "start" });
  }

  // What came is said once, whoever wrote it: the box of the messages itself is not live.
  const told = () => [...document.querySelectorAll("#lines .line")];
  const spoken = (line) => [".name", ".said", ".bridge"].map((part) => line.querySelector(part)?.textContent.trim()).filter(Boolean).join(": ");
  const sign = (line) => `${line.querySelector("time").dateTime} ${spoken(line)}`;
  let before = new Set();
  function say() {
    const box = document.getElementById("new-words"), lines = told();
    const known = lines.findLastIndex((line) => before.has(sign(line))); // above it stand earlier ones, asked for
    const news = known < 0 && before.size ? [] : lines.slice(known + 1);
    if (box && news.length) box.textContent = news.map(spoken).join(" ");
  }

  let wasAtEnd = true;
  let writing = null;
  const BOXES = ["reply", "note"];

  const ofWhom = () => document.getElementById("open-id")?.value || document.getElementById("taken-away")?.dataset.of;

  // What stands in a box is newer than the server's draft, whatever draws the box anew.
  function remember(sent) {
    writing = { open: ofWhom(), texts: {} };
    for (const id of BOXES) {
      const box = document.getElementById(id);
      if (box && box.form.id !== sent) writing.texts[id] = { text: box.value, focus: box === document.activeElement, at: box.selectionStart };
    }
    // A page that was taken away may be drawn twice before the server has the last letters.
    const unsent = document.getElementById("unsent");
    if (unsent?.value && !document.getElementById("reply")) writing.texts.reply = { text: unsent.value };
  }

  function restore() {
    if (!writing || writing.open !== ofWhom()) { writing = null; return; }
    const unsent = document.getElementById("unsent");
    if (unsent && writing.texts.reply?.text) {
      unsent.value = writing.texts.reply.text;
      unsent.closest("#unsent-box")?.removeAttribute("hidden");
    }
    for (const [id, was] of Object.entries(writing.texts)) {
      const box = document.getElementById(id);
      if (!box || box.value === was.text || !was.text) continue;
      box.value = was.text;
      const around = box.closest("details");
      if (around) around.open = true;
      if (was.focus) { box.focus({ preventScroll: true }); box.setSelectionRange(was.at, was.at); }
    }
    writing = null;
  }
  // It is with somebody else now, and the box goes with the words: its last letters are kept like those before.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const box = document.getElementById("reply");
    if (!box?.value || !event.detail.serverResponse?.includes('id="taken-away"') || event.detail.requestConfig.elt === box.form) return;
    fetch(box.getAttribute("hx-post"), { method: "POST", credentials: "same-origin", headers: { "HX-Request": "true" }, body: new URLSearchParams(new FormData(box.form)) }).catch(() => null);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const box = lines();
    if (event.detail.target.id === "conversation") remember(event.detail.requestConfig.elt.id);
    if (box && event.detail.target === box) before = new Set(told().map(sign));
    if (box && event.detail.target === box) wasAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  });
  // The part that asked was drawn anew before its answer came: htmx would look for the answer's other parts,
  // the notices among them, inside the lost piece only.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig, serverResponse, shouldSwap } = event.detail;
    if (!shouldSwap || requestConfig.elt.isConnected) return;
    event.detail.shouldSwap = false;
    htmx.swap(target, serverResponse, { swapStyle: "innerHTML" }, { eventInfo: event.detail });
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "conversation") {
      restore();
      toEnd();
    }
    if (event.detail.target.id === "lines") say();
    if (event.detail.target.id === "lines" && wasAtEnd) toEnd();
    if (event.detail.target.id === "queue") document.dispatchEvent(new Event("desk-drawn"));
    times(); marks(); zones();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    // After each act of ours the list is stale, and so is the mark of news on what was opened; and what came while the
    // conversation was drawn was not fetched.
    const path = event.detail.pathInfo?.requestPath ?? "";
    const act = event.detail.requestConfig?.verb === "post" && !path.endsWith("/draft/") && !path.endsWith("/here/");
    const drawn = event.detail.target?.id === "conversation";
    if (act || drawn) changed(true, drawn);
  });
  // A card is drawn anew at any moment, and htmx drops what a lost element has asked: the pane asks instead.
  document.addEventListener("click", (event) => {
    const card = event.target.closest("a.card");
    if (!card || card.dataset.page !== undefined || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const [path] = card.getAttribute("href").split("#"); // that is for a page without this file
    htmx.ajax("GET", path, { source: "#conversation", target: "#conversation", swap: "innerHTML", push: path }).then(() => toNewest(document.getElementById("main")));
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    // Someone is choosing in a menu of the head, or reads what not to do: it is drawn anew with the next change.
    if (event.detail.target.id === "composer") remember("");
    if (event.detail.target.id === "composer" && event.detail.target.querySelector("details.menu[open]")) event.detail.shouldSwap = false;
    if (event.detail.target.id === "do-not" && event.detail.target.open) event.detail.shouldSwap = false;
    if (event.detail.target.id === "thread-head" && event.detail.target.querySelector("details.menu[open]")) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target.id === "composer") { restore(); zones(); }
    times();
  });
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401) return; // htmx leads to the sign-in page
    const said = { 403: words.forbidden, 404: words.gone }[status] || words.failed;
    if (status === 404 && event.detail.target?.id === "lines") { // erased: its words are nowhere any more
      for (const id of ["lines", "person", "new-words"]) document.getElementById(id)?.replaceChildren();
    }
    const notice = document.createElement("p");
    notice.className = "notice bad";
    notice.textContent = said;
    document.getElementById("notices")?.replaceChildren(notice);
  });
  // In a low window the box for a note lies under the end of what scrolls.
  document.addEventListener("toggle", ({ target }) => { if (target.id === "note-box" && target.open) target.scrollIntoView({ block: "nearest" }); }, true);
  document.addEventListener("htmx:sendError", () => document.dispatchEvent(new Event("desk-silent")));
  document.addEventListener("DOMContentLoaded", () => { times(); toEnd(); toNewest(); zones(); });
  setInterval(times, 5000);
  // "Is writing" ends by itself.
  setInterval(() => { if (document.querySelector(".writing")) changed(false, true); }, 10000);
})();
