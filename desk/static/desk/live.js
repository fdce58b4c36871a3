/* Live: listens for ids, and lets htmx fetch the fragments again. Counts urgent ones in the title.
   Without this file every page still works: there is a Reload link. */
"use strict";
document.documentElement.classList.add("js");

(() => {
  const POLL_MS = 5000;
  const events = document.querySelector("[data-events]")?.dataset.events;
  const live = document.getElementById("live");
  const lines = () => document.getElementById("lines");
  const words = document.getElementById("words")?.dataset ?? {};
  let poll = 0;
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

  function heard(event) {
    const ids = event.data ? event.data.split(",") : [];
    const open = document.getElementById("open-id")?.value;
    if (!ids.length) changed();
    else changed(ids.some((id) => !id.startsWith("w")), ids.includes(open) || ids.includes(`w${open}`));
  }

  function show(state, words) {
    if (!live) return;
    live.dataset.state = state;
    const box = live.querySelector(".words");
    if (box.textContent !== words) box.textContent = words;
  }

  function listen() {
    if (!events || !window.EventSource) return;
    const source = new EventSource(events);
    source.addEventListener("open", () => {
      clearInterval(poll); poll = 0;
      show("on", words.live);
      changed();
    });
    source.addEventListener("desk", heard);
    source.addEventListener("error", () => {
      show("lost", words.lost);
      if (!poll) poll = setInterval(() => changed(), POLL_MS);
      // A refused stream does not come back by itself.
      if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(listen, POLL_MS); }
    });
    window.addEventListener("pagehide", () => source.close(), { once: true });
  }

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
      box.title = at.toLocaleString(spoken, { hourCycle: "h23", timeZone });
      box.dataset.local = "";
    }
  }

  function badge() {
    const counts = document.getElementById("queue-counts");
    const urgent = Number(counts?.dataset.urgent || 0);
    const waiting = Number(counts?.dataset.waiting || 0);
    // Numbers only: a title is seen over a shoulder and kept in the history.
    const place = words.title || "Desk"; // the page of a practice says that it is one
    document.title = urgent ? `(${urgent}!) ${place}` : waiting ? `(${waiting}) ${place}` : place;
    document.dispatchEvent(new CustomEvent("urgent-waiting", { detail: urgent }));
    document.dispatchEvent(new CustomEvent("desk-counts", { detail: { ...counts?.dataset } }));
  }

  function marks() {
    const open = document.getElementById("open-id")?.value;
    for (const card of document.querySelectorAll(".card")) {
      if (open && card.id === `card-${open}`) card.setAttribute("aria-current", "true");
      else card.removeAttribute("aria-current");
    }
  }

  function toEnd() { const box = lines(); if (box) box.scrollTop = box.scrollHeight; }

  let wasAtEnd = true;
  let writing = null;
  const BOXES = ["reply", "note"];

  // What stands in a box is newer than the server's draft, whatever draws the box anew.
  function remember(sent) {
    const open = document.getElementById("open-id")?.value;
    writing = { open, texts: {} };
    for (const id of BOXES) {
      const box = document.getElementById(id);
      if (box && box.form.id !== sent) writing.texts[id] = { text: box.value, focus: box === document.activeElement, at: box.selectionStart };
    }
  }

  function restore() {
    if (!writing || writing.open !== document.getElementById("open-id")?.value) { writing = null; return; }
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
  document.addEventListener("htmx:beforeSwap", (event) => {
    const box = lines();
    if (event.detail.target.id === "conversation") remember(event.detail.requestConfig.elt.id);
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
    if (event.detail.target.id === "lines" && wasAtEnd) toEnd();
    if (event.detail.target.id === "queue") badge();
    times(); marks(); zones();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    // After each act of ours the list is stale; and what came while the conversation was drawn was not fetched.
    const path = event.detail.pathInfo?.requestPath ?? "";
    const act = event.detail.requestConfig?.verb === "post" && !path.endsWith("/draft/") && !path.endsWith("/here/");
    const drawn = event.detail.target?.id === "conversation";
    if (act || drawn) changed(act, drawn);
  });
  // A card is drawn anew at any moment, and htmx drops what a lost element has asked: the pane asks instead.
  document.addEventListener("click", (event) => {
    const card = event.target.closest("a.card");
    if (!card || card.dataset.page !== undefined || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const path = card.getAttribute("href");
    htmx.ajax("GET", path, { source: "#conversation", target: "#conversation", swap: "innerHTML", push: path });
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    // Someone is choosing in a menu of the head: it is drawn anew with the next change.
    if (event.detail.target.id === "composer") remember("");
    if (event.detail.target.id === "composer" && event.detail.target.querySelector("details.menu[open]")) event.detail.shouldSwap = false;
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
    const notice = document.createElement("p");
    notice.className = "notice bad";
    notice.textContent = said;
    document.getElementById("notices")?.replaceChildren(notice);
  });
  document.addEventListener("htmx:sendError", () => show("lost", words.silent));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) changed(); });
  document.addEventListener("DOMContentLoaded", () => { times(); badge(); toEnd(); zones(); listen(); });
  setInterval(times, 5000);
  // What time alone changes: a gap has passed, a wait became too long.
  setInterval(() => changed(), 60000);
  // "Is writing" ends by itself.
  setInterval(() => { if (document.querySelector(".writing")) changed(false, true); }, 10000);
})();
