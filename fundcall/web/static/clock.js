// Keeps the server's time and what is left until a deadline fresh. The browser's own clock is not believed: time goes on
// from what the server told, by the browser's steady clock, which counts from when the answer began to arrive.
"use strict";
(() => {
  const clock = document.getElementById("clock");
  const loaded = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
  const told = Date.parse(clock.dateTime);
  const now = () => told + performance.now() - loaded;
  const wall = new Intl.DateTimeFormat("sv-SE", {
    timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium",
  });

  function left(due, words) {
    const [days, hours, minutes, ahead, past] = words.split("|");
    const all = Math.floor(Math.abs(due - now()) / 60000);
    const parts = [[Math.floor(all / 1440), days], [Math.floor(all / 60) % 24, hours], [all % 60, minutes]];
    const text = parts.filter(([n, word]) => n || word === minutes).map(([n, word]) => word.replace("%d", n)).join(" ");
    return (due > now() ? ahead : past).replace("%s", text);
  }

  function tick() {
    clock.textContent = `${wall.format(now())} ${clock.dataset.zone}`;
    for (const one of document.querySelectorAll("[data-due]")) {
      const due = Date.parse(one.dataset.due);
      const text = left(due, one.dataset.words);
      if (one.textContent !== text) one.textContent = text;
      one.classList.toggle("late", due <= now());
    }
  }
  tick();
  setInterval(tick, 1000);
})();
