/* Guard: on every page of somebody who is signed in. Hides the screen at Escape three times, says that a hand is on the
   desk, keeps what was written when the session ends, and puts the page out of sight once somebody else is signed in.
   Without this file the Hide button hides, the server keeps posted words by itself, and takes none of another's page. */
"use strict";
(() => {
  const THRICE_MS = 1200;
  const HERE_MS = 60000;
  const panes = document.querySelector(".panes[data-here]");
  const words = document.getElementById("words")?.dataset ?? {};
  const token = () => document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  const { reader } = document.body.dataset; // for whom the page was drawn; the server asks
  const post = (address, fields = {}) => fetch(address, {
    method: "POST", keepalive: true, credentials: "same-origin",
    headers: { "X-CSRFToken": token(), "HX-Request": "true", "Desk-Reader": reader }, body: new URLSearchParams(fields),
  });

  /* Where scripts run the boxes are kept by themselves: what would go with them goes by its own form again. */
  for (const one of document.querySelectorAll("[data-carried]")) {
    for (const name of ["form", "formaction", "formnovalidate"]) one.removeAttribute(name);
    if (one.matches("select")) one.required = true;
  }

  /* Hide. The cover is there before anything is asked of the network. */
  let escapes = [];
  function cover() {
    const box = document.createElement("div");
    box.id = "cover";
    document.body.append(box);
    document.title = "\u200b";
    document.documentElement.dataset.covered = "";
  }

  async function hide() {
    cover();
    // The last words first: the draft that the box would save in a moment.
    const saves = [...document.querySelectorAll("#reply, #note")].filter((box) => box.value && box.getAttribute("hx-post")).map((box) => {
      const fields = new FormData(box.form);
      return post(box.getAttribute("hx-post"), Object.fromEntries([...fields].filter(([name]) => name !== "csrfmiddlewaretoken")));
    });
    await Promise.allSettled(saves);
    const answer = await post(document.body.dataset.hide).catch(() => null);
    if (answer?.headers.get("Desk-Reader")) return; // another's page stays covered: behind it is the desk of who is here
    location.replace(document.body.dataset.hidden);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") { escapes = []; return; }
    const now = performance.now();
    escapes = [...escapes.filter((at) => now - at < THRICE_MS), now];
    if (escapes.length >= 3) { escapes = []; hide(); }
  }, true);
  document.addEventListener("submit", (event) => {
    if (event.target.id === "hide-form") { event.preventDefault(); hide(); }
  });
  // A page that a browser kept for "back" shows nothing before the server has been asked.
  window.addEventListener("pageshow", (event) => { if (event.persisted) { cover(); location.reload(); } });

  /* Here. */
  let touched = true;
  for (const name of ["keydown", "pointerdown", "wheel"]) document.addEventListener(name, () => { touched = true; }, { passive: true, capture: true });
  function here() {
    if (!touched || !panes || document.documentElement.dataset.covered !== undefined) return;
    touched = false;
    post(panes.dataset.here, { open: document.getElementById("open-id")?.value ?? "" }).catch(() => null);
  }
  setInterval(here, HERE_MS);

  /* Left: who looks is told to the others, so also who looks no more. */
  const opened = () => document.getElementById("open-id")?.value ?? "";
  let looksAt = opened();
  function left() {
    if (looksAt && panes) post(panes.dataset.here, { left: looksAt }).catch(() => null);
    looksAt = "";
  }
  document.addEventListener("htmx:afterSwap", () => {
    if (opened() === looksAt) return;
    left();
    looksAt = opened();
  });
  window.addEventListener("pagehide", left);
  // The page before this one may have shown the same, and said that it was left only after this one was made.
  if (looksAt && panes) post(panes.dataset.here, { open: looksAt }).catch(() => null);

  /* The clock: the server writes times as this browser shows them, unless its reader has chosen a zone. */
  const bar = document.querySelector("header.bar[data-here]");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (bar && zone && bar.dataset.browserZone !== zone) post(bar.dataset.here, { zone }).catch(() => null);

  /* "Kept" stands beside words that the server has said it has, and beside no others. */
  function doubt(event) {
    if (event.target.id === "reply") document.querySelector("#parts .kept")?.remove();
  }
  for (const name of ["input", "htmx:sendError", "htmx:responseError"]) document.addEventListener(name, doubt);
  function notKept(event) {
    doubt(event);
    const parts = document.getElementById("parts");
    if (!parts || parts.querySelector(".kept") || !document.getElementById("reply")?.value) return;
    parts.textContent = words.notKept;
    tell("not-kept", words.notKept);
  }

  /* A reader hears what changes for the contact, another part or one too long, and not the count at every pause. */
  function tell(what, words) {
    const box = document.getElementById("parts-said");
    if (!box || (box.dataset.said ?? "1") === what) return;
    box.dataset.said = what;
    box.textContent = words;
  }
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    const counted = detail.target.id === "parts" && detail.target.querySelector("[data-say]");
    if (counted) tell(counted.dataset.say, counted.textContent);
  });

  /* Signed out in the middle of a sentence. */
  const written = () => [...document.querySelectorAll("#reply, #note")].some((box) => box.value.trim());
  let out = false;
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.detail.xhr.getResponseHeader("Desk-Reader")) { event.preventDefault(); putAway(); return; }
    if (event.detail.xhr.status !== 401 || !written()) return;
    event.preventDefault(); // htmx would lead the window away
    notKept(event);
    document.dispatchEvent(new Event("desk-signed-out"));
    if (out) return;
    out = true;
    document.body.dataset.signedOut = ""; // what contacts wrote is out of sight until somebody signs in
    const notice = document.createElement("p");
    notice.className = "notice bad";
    notice.id = "signed-out";
    const off = event.detail.xhr.getResponseHeader("Desk-Off");
    notice.append(off ? words.switchedOff : words.signedOut, " ");
    const link = document.createElement("a");
    Object.assign(link, { href: panes.dataset.signIn, target: "_blank", rel: "noopener", textContent: words.signIn });
    if (!off) notice.append(link);
    document.getElementById("notices").replaceChildren(notice);
  });
  async function backAgain() {
    if (!out && !away()) return;
    const answer = await fetch(document.body.dataset.token, {
      credentials: "same-origin", redirect: "manual", headers: { "Desk-Reader": reader },
    }).catch(() => null);
    if (answer?.headers.get("Desk-Reader")) putAway();
    if (!answer?.ok) return;
    const fresh = (await answer.json()).token;
    for (const box of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) box.value = fresh;
    if (away()) {
      delete document.body.dataset.other;
      document.querySelector(".other-reader")?.remove();
    }
    if (!out) return;
    out = false;
    delete document.body.dataset.signedOut;
    const notice = document.createElement("p");
    notice.className = "notice";
    notice.textContent = words.back;
    document.getElementById("notices").replaceChildren(notice);
    document.dispatchEvent(new CustomEvent("desk-moved", { detail: [] }));
  }

  /* Somebody else signs in in the same browser, or this person signs out in another tab: out of sight at once, also
     while nobody looks; what stands in the boxes waits there. */
  const away = () => document.body.dataset.other !== undefined;
  const readers = window.BroadcastChannel && new BroadcastChannel("desk-reader");
  function putAway() {
    if (away()) return;
    document.body.dataset.other = "";
    document.body.append(document.getElementById("other-reader").content.cloneNode(true));
    const box = document.querySelector(".other-reader");
    if (written()) Object.assign(box.querySelector("a"), { target: "_blank", rel: "noopener" });
    box.focus();
  }
  readers?.addEventListener("message", ({ data }) => { if (data !== reader) putAway(); else backAgain(); });
  readers?.postMessage(reader);
  document.addEventListener("submit", (event) => { if (["sign-out-form", "hand-back-form"].includes(event.target.id)) readers?.postMessage(""); });
  document.addEventListener("desk-other", putAway);
  document.addEventListener("htmx:configRequest", (event) => { event.detail.headers["Desk-Reader"] = reader; });
  document.addEventListener("desk-signed-in", backAgain);
  document.addEventListener("visibilitychange", backAgain);
  window.addEventListener("focus", backAgain);

  /* A page with unsent words is not left by accident; they are a draft on the server all the same. */
  window.addEventListener("beforeunload", (event) => {
    if (document.documentElement.dataset.covered !== undefined) return;
    const box = document.getElementById("reply");
    if (box && box.value.trim() && !box.form.dataset.sent) event.preventDefault();
  });
  document.addEventListener("submit", (event) => { event.target.dataset.sent = "1"; });
  document.addEventListener("htmx:afterSwap", () => { const form = document.getElementById("reply-form"); if (form) delete form.dataset.sent; });
})();
