/* Sound: two soft tones, again every six seconds, while an urgent one waits; one softer when a contact of one's own
   wrote. Made here, no file. Browsers allow sound only after a click, so the button says in red that it is off; once on
   it stays on from page to page, where the browser wants no other click. */
"use strict";
(() => {
  const AGAIN_MS = 6000;
  const SWITCH = "desk-sound"; // of this tab
  let context = null;
  let urgent = 0;
  let timer = 0;

  const plays = () => context?.state === "running";

  function tone(at, pitch, loud = 0.18) {
    const source = context.createOscillator();
    const gain = context.createGain();
    source.type = "sine";
    source.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(loud, at + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
    source.connect(gain).connect(context.destination);
    source.start(at);
    source.stop(at + 0.4);
  }

  function count(name) {
    const kept = document.documentElement.dataset;
    kept[name] = String(Number(kept[name] || 0) + 1);
  }

  function ring() {
    if (!plays()) return;
    tone(context.currentTime, 660);
    tone(context.currentTime + 0.22, 880);
    count("rings");
  }

  function arrange() {
    const on = plays();
    if (urgent && on && !timer) { ring(); timer = setInterval(ring, AGAIN_MS); }
    if ((!urgent || !on) && timer) { clearInterval(timer); timer = 0; }
  }

  document.addEventListener("urgent-waiting", (event) => { urgent = event.detail; arrange(); });
  document.addEventListener("desk-mine-spoke", () => {
    if (!plays()) return;
    tone(context.currentTime, 520, 0.07);
    count("chimes");
  });
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("sound");
    if (!button) return;
    function draw() {
      button.setAttribute("aria-pressed", String(plays()));
      const words = document.getElementById("words").dataset;
      button.textContent = plays() ? words.soundOn : words.soundOff;
      arrange();
    }
    function begin() {
      context = new AudioContext();
      context.addEventListener("statechange", draw);
      context.resume();
    }
    button.addEventListener("click", async () => {
      if (plays()) { await context.close(); context = null; sessionStorage.removeItem(SWITCH); draw(); return; }
      if (!context) begin();
      await context.resume();
      sessionStorage.setItem(SWITCH, "on");
      tone(context.currentTime, 660);
      draw();
    });
    if (!sessionStorage.getItem(SWITCH)) return;
    begin();
    for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, (event) => {
      if (context && !plays() && !event.target.closest?.("#sound")) context.resume();
    }, true);
  });
})();
