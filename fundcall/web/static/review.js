// Keeps what an expert types. htmx sends drafts while one types; this says when that fails, tries again, and sends what is
// left when the page is closed. What a draft is told is wrong comes back beside its input, which is marked here.
"use strict";
(() => {
  const form = document.getElementById("score");
  if (!form) return;
  const offline = document.getElementById("offline");
  let typed = false;
  form.addEventListener("input", () => { typed = true; });
  form.addEventListener("submit", () => { typed = false; });
  document.body.addEventListener("htmx:beforeRequest", () => { typed = false; });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    offline.hidden = event.detail.successful;
    if (event.detail.successful) return;
    typed = true;
    setTimeout(() => htmx.trigger("#autosave", "again"), 5000);
  });
  document.body.addEventListener("htmx:afterSettle", () => {
    for (const said of form.querySelectorAll("[id^='said-']")) {
      const faulty = said.childElementCount > 0;
      said.closest(".field").classList.toggle("faulty", faulty);
      document.getElementById(said.id.slice(5)).setAttribute("aria-invalid", faulty);
    }
  });
  addEventListener("pagehide", () => {
    if (typed) navigator.sendBeacon(form.dataset.draft, new URLSearchParams(new FormData(form)));
  });
})();
