/* Notices of the browser, with masked text: that somebody waits, never who, why or what. Asked for by a click. */
"use strict";
(() => {
  const AGAIN_MS = 30000;
  const SWITCH = "desk-notices";
  const words = document.getElementById("words")?.dataset ?? {};
  const button = document.getElementById("notify");
  let before = null;
  let urgent = ""; // what there is to say again

  if (!button || !("Notification" in window)) return;
  button.hidden = false;
  const on = () => Notification.permission === "granted" && localStorage.getItem(SWITCH) === "on";

  function draw() {
    button.setAttribute("aria-pressed", String(on()));
    button.textContent = Notification.permission === "denied" ? words.notifyDenied : on() ? words.notifyOn : words.notifyOff;
  }

  function tell(text, tag) {
    if (!on() || (document.hasFocus() && tag !== "urgent")) return;
    const notice = new Notification(words.notifyTitle, { body: text, tag, renotify: true, silent: true });
    notice.onclick = () => { window.focus(); notice.close(); };
  }

  button.addEventListener("click", async () => {
    if (Notification.permission === "default") await Notification.requestPermission();
    localStorage.setItem(SWITCH, on() ? "off" : "on");
    draw();
  });

  document.addEventListener("desk-counts", ({ detail }) => {
    const now = { urgent: Number(detail.urgent || 0), waiting: Number(detail.waiting || 0), given: Number(detail.given || 0) };
    urgent = now.given ? words.notifyGiven : now.urgent ? words.notifyUrgent : "";
    if (before && now.given > before.given) tell(words.notifyGiven, "urgent");
    else if (before && now.urgent > before.urgent) tell(words.notifyUrgent, "urgent");
    else if (before && now.waiting > before.waiting) tell(words.notifyWaits, "waits");
    before = now;
  });
  document.addEventListener("desk-mine-spoke", () => tell(words.notifyMine, "mine"));
  // Until somebody takes it, or opens what was given.
  setInterval(() => { if (urgent) tell(urgent, "urgent"); }, AGAIN_MS);
  draw();
})();
