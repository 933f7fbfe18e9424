// Keeps the server's time and what is left until a deadline fresh. The browser's own clock is not believed: time goes on
// from what the server told, by the browser's steady clock, which counts from when the answer began to arrive.
"use strict";
(() => {
  const clock = document.getElementById("clock");
  const loaded = performance.getEntriesByType("navigation")[0]?.responseStart ?? 0;
  const told = Date.parse(clock.dateTime);
  const now = () => told + performance.now() - loaded;
  const wall = new Intl.DateTimeFormat("sv-SE", {
    timeZone: clock.dataset.wall, dateStyle: "short", timeStyle: "medium",
  });

  function left(due, words, seconds) {
    const [days, hours, minutes, ahead, past] = words.split("|");
    const whole = Math.floor(Math.abs(due - now()) / 1000), all = Math.floor(whole / 60);
    const parts = [[Math.floor(all / 1440), days], [Math.floor(all / 60) % 24, hours], [all % 60, minutes]];
    if (seconds) parts.push([whole % 60, seconds]);
    const last = parts.at(-1)[1];
    const text = parts.filter(([n, word]) => n || word === last).map(([n, word]) => word.replace("%d", n)).join(" ");
    return (due > now() ? ahead : past).replace("%s", text);
  }

  function tick() {
    clock.textContent = `${wall.format(now())} ${clock.dataset.zone}`;
    for (const one of document.querySelectorAll("[data-due]")) {
      const due = Date.parse(one.dataset.due);
      const text = left(due, one.dataset.words, one.dataset.second);
      if (one.textContent !== text) one.textContent = text;
      one.classList.toggle("late", due <= now());
    }
  }
  tick();
  setInterval(tick, 1000);
})();
