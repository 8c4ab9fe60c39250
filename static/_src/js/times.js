// Relative times keep themselves fresh: <time data-rel datetime="…">3 min ago</time>.

import { relative } from "./format.js";

function refresh() {
  const now = new Date();
  for (const el of document.querySelectorAll("time[data-rel]")) {
    const then = new Date(el.dateTime);
    if (Number.isNaN(then.getTime())) continue;
    const text = relative(then, now);
    if (el.textContent !== text) el.textContent = text;
  }
}

export function startTimes() {
  refresh();
  setInterval(() => {
    if (!document.hidden) refresh();
  }, 5000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) refresh();
  });
  document.addEventListener("htmx:afterSettle", refresh);
}
