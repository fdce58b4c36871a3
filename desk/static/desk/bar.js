/* Bar: on every page it hears that something moved, keeps "Live" true, and says in the title how many wait.
   Where the list stands beside it, that holds the numbers; elsewhere the bar fetches its own. Ids and numbers only.
   Without this file the numbers are those of when the page was opened. */
"use strict";
document.documentElement.classList.add("js");

(() => {
  const POLL_MS = 5000;
  const STREAM_STANDS_MS = 30000; // out of sight for longer, and the stream may be cut without a word
  const { events, counts } = document.querySelector("header.bar")?.dataset ?? {};
  const live = document.getElementById("live");
  const words = document.getElementById("words")?.dataset ?? {};
  const place = document.title;
  let poll = 0;
  let pending = 0;
  let unread = null;
  let out = false; // the session ended; the stream of before would go on for minutes
  let again = 0;
  let cut = () => false;
  let stop = () => {};
  let shown = null;

  function show(state, said) {
    shown = { state, said };
    draw();
  }

  function draw() {
    if (!live || !shown) return;
    const old = shown.state === "on" && document.documentElement.dataset.old !== undefined;
    const { state, said } = old ? { state: "old", said: words.old } : shown;
    live.dataset.state = state;
    const box = live.querySelector(".words");
    if (box.textContent !== said) box.textContent = said;
  }

  function badge() {
    const numbers = document.getElementById("queue-counts")?.dataset ?? {};
    const [waits, waiting, news, given] = [numbers.urgent, numbers.waiting, numbers.unread, numbers.given].map((one) => Number(one || 0));
    const urgent = waits + given; // one that a colleague gave calls like one that waits, until it is opened
    // Numbers only: a title is seen over a shoulder and kept in the history.
    const marks = [urgent ? `(${urgent}!)` : waiting ? `(${waiting})` : "", news ? `✉${news}` : ""];
    document.title = [...marks.filter(Boolean), place].join(" ");
    document.dispatchEvent(new CustomEvent("urgent-waiting", { detail: urgent }));
    document.dispatchEvent(new CustomEvent("desk-counts", { detail: { ...numbers } }));
    if (unread !== null && news > unread) document.dispatchEvent(new Event("desk-mine-spoke"));
    unread = news;
  }

  async function fetched() {
    pending = 0;
    const answer = await fetch(counts, { credentials: "same-origin", headers: { "HX-Request": "true", "Desk-Reader": document.body.dataset.reader } }).catch(() => null);
    if (answer?.headers.get("Desk-Reader")) document.dispatchEvent(new Event("desk-other"));
    if (answer?.status === 401) document.dispatchEvent(new Event("desk-signed-out"));
    if (!answer?.ok) return;
    const made = document.createElement("template");
    made.innerHTML = await answer.text();
    document.getElementById("queue-counts").replaceWith(made.content);
    document.dispatchEvent(new CustomEvent("desk-current", { detail: "queue-counts" }));
    badge();
  }

  function moved(ids) {
    document.dispatchEvent(new CustomEvent("desk-moved", { detail: ids }));
    const writesOnly = ids.length && ids.every((id) => id.startsWith("w"));
    // Some time apart from the other desks: fifty of them hear the same.
    if (counts && !writesOnly && !pending) pending = setTimeout(fetched, 60 + Math.random() * 200);
  }

  function listen() {
    if (!events || !window.EventSource) return;
    clearTimeout(again);
    stop();
    const source = new EventSource(events);
    source.addEventListener("open", () => {
      clearInterval(poll); poll = 0;
      if (out) document.dispatchEvent(new Event("desk-signed-in")); // beside this page: no tab was changed, perhaps
      out = false;
      show("on", words.live);
      moved([]);
    });
    source.addEventListener("desk", (event) => moved(event.data ? event.data.split(",") : []));
    source.addEventListener("error", () => {
      show("lost", out ? words.out : words.lost);
      if (!poll) poll = setInterval(() => moved([]), POLL_MS);
      // A refused stream does not come back by itself.
      if (source.readyState === EventSource.CLOSED) { source.close(); again = setTimeout(listen, POLL_MS); }
    });
    stop = () => source.close();
    cut = () => source.readyState !== EventSource.OPEN;
  }

  window.addEventListener("pagehide", () => stop());
  document.addEventListener("desk-signed-out", () => {
    if (out) return;
    out = true;
    stop();
    show("lost", words.out);
    again = setTimeout(listen, POLL_MS); // it opens again once they have signed in beside this page
  });
  document.addEventListener("desk-drawn", badge);
  document.addEventListener("desk-silent", () => show("lost", words.silent));
  document.addEventListener("desk-age", draw);
  document.addEventListener("desk-back", ({ detail: awayMs }) => {
    if (awayMs > STREAM_STANDS_MS || cut()) listen();
    if (!counts) return;
    clearTimeout(pending);
    fetched();
  });
  document.addEventListener("DOMContentLoaded", () => { badge(); listen(); });
  // What time alone changes: a wait became too long.
  setInterval(() => moved([]), 60000);
})();
