/* Puts a canned reply into the reply box, where the worker reads and changes it. Nothing is sent. */
"use strict";
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-canned]");
  const box = document.getElementById("reply");
  if (!button || !box) return;
  const words = document.getElementById(button.dataset.canned).textContent;
  const before = box.value.slice(0, box.selectionStart);
  const after = box.value.slice(box.selectionEnd);
  box.value = before + (before && !/\s$/.test(before) ? " " : "") + words + after;
  box.focus();
  // The page counts and keeps the draft on input.
  box.dispatchEvent(new Event("input", { bubbles: true }));
});
