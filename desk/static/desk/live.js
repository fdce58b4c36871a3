/* Live: listens for ids, and lets htmx fetch the fragments again. Counts urgent ones in the title.
   Without this file every page still works: there is a Reload link. */
"use strict";
document.documentElement.classList.add("js");

(() => {
  const POLL_MS = 5000;
  const events = document.querySelector("[data-events]")?.dataset.events;
  const live = document.getElementById("live");
  const lines = () => document.getElementById("lines");
  let poll = 0;
  let pending = 0;

  function changed() {
    // Several signals in a burst are one fetch.
    if (pending) return;
    pending = setTimeout(() => { pending = 0; htmx.trigger(document.body, "desk-changed"); }, 120);
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
      show("on", "Live");
      changed();
    });
    source.addEventListener("desk", changed);
    source.addEventListener("error", () => {
      show("lost", "Not live: looking every 5 seconds");
      if (!poll) poll = setInterval(changed, POLL_MS);
      // A refused stream does not come back by itself.
      if (source.readyState === EventSource.CLOSED) { source.close(); setTimeout(listen, POLL_MS); }
    });
    window.addEventListener("pagehide", () => source.close(), { once: true });
  }

  function ago(seconds) {
    if (seconds < 60) return "less than a minute";
    const minutes = Math.floor(seconds / 60);
    if (minutes < 60) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${hours} h ${minutes % 60} min`;
    return `${Math.floor(hours / 24)} days`;
  }

  function times() {
    const now = Date.now();
    for (const box of document.querySelectorAll("time.ago")) {
      const words = ago((now - Date.parse(box.dateTime)) / 1000);
      if (box.textContent !== words) box.textContent = words;
    }
    for (const box of document.querySelectorAll("time.clock:not([data-local])")) {
      const at = new Date(box.dateTime);
      box.textContent = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      box.title = at.toLocaleString([], { hourCycle: "h23" });
      box.dataset.local = "";
    }
  }

  function badge() {
    const counts = document.getElementById("queue-counts");
    const urgent = Number(counts?.dataset.urgent || 0);
    const waiting = Number(counts?.dataset.waiting || 0);
    // Numbers only: a title is seen over a shoulder and kept in the history.
    document.title = urgent ? `(${urgent}!) Desk` : waiting ? `(${waiting}) Desk` : "Desk";
    document.dispatchEvent(new CustomEvent("urgent-waiting", { detail: urgent }));
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
  document.addEventListener("htmx:beforeSwap", (event) => {
    const box = lines();
    const reply = document.getElementById("reply");
    // A note, say, draws the conversation anew: what stands in the reply box is newer than the server's draft.
    const own = event.detail.requestConfig.elt.id === "reply-form";
    if (event.detail.target.id === "conversation") {
      writing = reply && !own ? { open: document.getElementById("open-id").value, text: reply.value } : null;
    }
    if (box && event.detail.target === box) wasAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id === "conversation") {
      const reply = document.getElementById("reply");
      if (reply && writing?.open === document.getElementById("open-id").value) reply.value = writing.text;
      toEnd();
    }
    if (event.detail.target.id === "lines" && wasAtEnd) toEnd();
    if (event.detail.target.id === "queue") badge();
    times(); marks();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    // After each act of ours the list is stale.
    if (event.detail.requestConfig?.verb === "post" && !event.detail.pathInfo.requestPath.endsWith("/draft/")) changed();
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    // Someone is choosing in a menu of the head: it is drawn anew with the next change.
    if (event.detail.target.id === "thread-head" && event.detail.target.querySelector("details.menu[open]")) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:oobAfterSwap", times);
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    if (status === 401) return; // htmx leads to the sign-in page
    const words = { 403: "That is not open to you.", 404: "That is not here any more." }[status] || "That did not work, and nothing was changed. Reload and try again.";
    const notice = document.createElement("p");
    notice.className = "notice bad";
    notice.textContent = words;
    document.getElementById("notices")?.replaceChildren(notice);
  });
  document.addEventListener("htmx:sendError", () => show("lost", "The desk does not answer"));
  window.addEventListener("beforeunload", (event) => {
    const box = document.getElementById("reply");
    if (box && box.value.trim() && !box.form.dataset.sent) event.preventDefault();
  });
  document.addEventListener("submit", (event) => { event.target.dataset.sent = "1"; });
  document.addEventListener("htmx:afterSwap", () => { const form = document.getElementById("reply-form"); if (form) delete form.dataset.sent; });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) changed(); });
  document.addEventListener("DOMContentLoaded", () => { times(); badge(); toEnd(); listen(); });
  setInterval(times, 5000);
})();
