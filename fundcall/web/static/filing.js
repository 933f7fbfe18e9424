// Tells how the saving of the form goes, and sends what is typed last when the page is left. htmx does the saving itself.
"use strict";
(() => {
  const form = document.getElementById("filing");
  if (!form?.hasAttribute("hx-post")) return;
  const told = document.getElementById("saving");
  let dirty = false;

  function say(word, kind = "bad") {
    const line = document.createElement("p");
    line.className = kind;
    line.textContent = told.dataset[word];
    told.replaceChildren(line);
  }
  const again = () => { if (dirty) htmx.trigger(form, "again"); };

  say("auto", "soft");
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  form.addEventListener("htmx:beforeRequest", () => { dirty = false; });
  form.addEventListener("htmx:responseError", (event) => {
    dirty = true;
    say([401, 403].includes(event.detail.xhr.status) ? "ended" : "broken");
  });
  form.addEventListener("htmx:sendError", () => {
    dirty = true;
    say("lost");
    setTimeout(again, 5000);
  });
  addEventListener("online", again);
  addEventListener("pagehide", () => { if (dirty) navigator.sendBeacon(form.action, new FormData(form)); });
})();
