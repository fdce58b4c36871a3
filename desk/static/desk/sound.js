/* Sound: two soft tones, again every six seconds, while an urgent one waits. Made here, no file.
   Browsers allow sound only after a click, so the button says in red that it is off. */
"use strict";
(() => {
  const AGAIN_MS = 6000;
  let context = null;
  let urgent = 0;
  let timer = 0;

  function tone(at, pitch) {
    const source = context.createOscillator();
    const gain = context.createGain();
    source.type = "sine";
    source.frequency.value = pitch;
    gain.gain.setValueAtTime(0.0001, at);
    gain.gain.exponentialRampToValueAtTime(0.18, at + 0.03);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.35);
    source.connect(gain).connect(context.destination);
    source.start(at);
    source.stop(at + 0.4);
  }

  function ring() {
    if (!context || context.state !== "running") return;
    tone(context.currentTime, 660);
    tone(context.currentTime + 0.22, 880);
    document.documentElement.dataset.rings = String(Number(document.documentElement.dataset.rings || 0) + 1);
  }

  function arrange() {
    const on = Boolean(context);
    if (urgent && on && !timer) { ring(); timer = setInterval(ring, AGAIN_MS); }
    if ((!urgent || !on) && timer) { clearInterval(timer); timer = 0; }
  }

  document.addEventListener("urgent-waiting", (event) => { urgent = event.detail; arrange(); });
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("sound");
    button?.addEventListener("click", async () => {
      if (context) { await context.close(); context = null; }
      else { context = new AudioContext(); await context.resume(); tone(context.currentTime, 660); }
      button.setAttribute("aria-pressed", String(Boolean(context)));
      const words = document.getElementById("words").dataset;
      button.textContent = context ? words.soundOn : words.soundOff;
      arrange();
    });
  });
})();
