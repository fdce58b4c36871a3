/* Held: words that wait for their writer are out of sight while somebody else is signed in here. Without this file the
   server refuses them all the same. */
"use strict";
(() => {
  const form = document.getElementById("held");
  const mine = form?.querySelector("input[name=drawn_for]")?.value;
  if (!mine || !window.BroadcastChannel) return;
  new BroadcastChannel("desk-reader").addEventListener("message", ({ data }) => { form.hidden = data !== mine; });
})();
