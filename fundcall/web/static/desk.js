// The keyboard of the office's desk. Everything it does can be done without it.
"use strict";
(() => {
  const typing = (node) => node.matches("input:not([type=checkbox]), select, textarea, [contenteditable]");
  const rows = () => [...document.querySelectorAll("tr[data-row]")];
  const link = (selector) => document.querySelector(selector)?.click();
  let at = -1;

  function go(to) {
    const all = rows();
    if (!all.length) return;
    at = Math.max(0, Math.min(to, all.length - 1));
    all.forEach((row, i) => row.classList.toggle("at", i === at));
    all[at].querySelector("a").focus();
    all[at].scrollIntoView({ block: "nearest" });
  }

  function count() {
    const picked = document.querySelectorAll("tr[data-row] input:checked").length;
    for (const place of document.querySelectorAll("[data-picked]")) place.textContent = picked ? `(${picked})` : "";
  }

  function pick(row) {
    const box = row?.querySelector("input[type=checkbox]");
    if (box) box.checked = !box.checked;
    count();
  }

  function pickAll(checked) {
    for (const box of document.querySelectorAll("tr[data-row] input[type=checkbox]")) box.checked = checked;
    const every = document.querySelector("[data-picks=all]");
    if (every) every.checked = checked;
    count();
  }

  const keys = {
    j: () => (rows().length ? go(at + 1) : link("[data-go=next]")),
    k: () => (rows().length ? go(at - 1) : link("[data-go=previous]")),
    x: () => pick(rows()[at]),
    a: () => pickAll(rows().some((row) => !row.querySelector("input")?.checked)),
    o: () => rows()[at]?.querySelector("a").click(),
    n: () => link('a[rel="next"]'),
    p: () => link('a[rel="prev"]'),
    u: () => link("[data-go=list]"),
    "/": () => document.getElementById("q")?.focus(),
    "?": () => document.getElementById("keys")?.showModal(),
  };

  function ready() {
    at = -1;
    for (const button of document.querySelectorAll("[data-opens], [data-picks]")) button.hidden = false;
    count();
  }

  document.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("tr[data-row]");
    if (!row) return;
    at = rows().indexOf(row);
    rows().forEach((one, i) => one.classList.toggle("at", i === at));
  });
  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-opens]");
    if (opens) document.getElementById(opens.dataset.opens).showModal();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-picks=all]")) pickAll(event.target.checked);
    else if (event.target.closest("tr[data-row]")) count();
  });
  document.addEventListener("htmx:afterSwap", ready);
  ready();
})();
