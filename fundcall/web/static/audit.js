// Tells the slider's place while it moves, and puts a chosen call file into the form; both are dispensable.
"use strict";
(() => {
  const slider = document.querySelector("input[type=range]");
  const number = document.getElementById("event-number");
  slider?.addEventListener("input", () => { number.value = slider.value; });
  const chooser = document.getElementById("from-file");
  if (!chooser) return;
  chooser.hidden = false;
  chooser.querySelector("input").addEventListener("change", async (event) => {
    document.getElementById("text").value = await event.target.files[0].text();
  });
})();
