// One file's row. build makes its skeleton once; paint writes what changed.

import { h, icon, setIcon } from "../dom.js";
import { bytes, duration, left } from "../format.js";
import { SMALL } from "./item.js";

const LOOK = {
  queued: ["is-queued", "clock", "Queued"],
  uploading: ["is-uploading", "arrow-up-from-line", "Uploading"],
  hashing: ["is-uploading", "fingerprint", "Hashing"],
  waiting: ["is-warning", "unplug", "Waiting"],
  paused: ["is-pending", "pause", "Paused"],
  stored: ["is-stored", "archive", "Stored"],
  failed: ["is-failed", "x", "Failed"],
  cancelled: ["is-cancelled", "ban", "Cancelled"],
  skipped: ["is-stored", "archive", "Here already"],
};

export const ext = (name) => {
  const cut = name.lastIndexOf(".");
  return cut > 0 && cut < name.length - 1 ? name.slice(cut + 1, cut + 5).toUpperCase() : "FILE";
};

export function build(item, total) {
  const path = item.path && h("bdi", { class: "text-sm text-faint truncate max-sm:basis-full" }, item.path);
  const pill = h("span", { class: "pill" }, icon("clock"), h("span"));
  const facts = h("div", { class: "mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm text-muted min-h-4.5" });
  const acts = h("div", { class: "flex items-center gap-1" });
  const meter = h("progress", { class: "meter", max: 100, "aria-label": item.name });
  const lane = h("div", { class: "col-span-full sm:col-start-2 mt-2.5" }, meter);
  const el = h("div", {
    class: "grid grid-cols-[auto_minmax(0,1fr)_auto] items-center gap-x-3 px-4 py-3 border-b border-line last:border-0",
    role: "listitem", "aria-posinset": item.index + 1, "aria-setsize": total, "data-file": item.name,
  },
    h("span", { class: "ext", "aria-hidden": "true" }, ext(item.name)),
    h("div", { class: "min-w-0" },
      h("div", { class: "flex max-sm:flex-wrap items-center gap-x-2.5 gap-y-1 min-w-0" },
        h("bdi", { class: "font-medium truncate", title: item.name }, item.name), path, pill),
      facts),
    acts, lane);
  const row = { el, pill, facts, acts, meter, lane, item, shown: "", looks: "", acting: "" };
  paint(row);
  return row;
}

export function paint(row) {
  const { item } = row;
  const [state, name, word] = LOOK[item.state];
  row.el.dataset.state = item.state;
  // Uploading and hashing have the same buttons: the focus stays on them.
  const acting = item.state === "hashing" ? "uploading" : item.state;
  if (row.looks !== item.state) {
    row.pill.className = `pill shrink-0 ${state}`;
    setIcon(row.pill.querySelector("svg"), name);
    row.pill.lastChild.textContent = word;
    row.meter.className = `meter ${state}`;
    row.lane.hidden = !["queued", "uploading", "hashing", "waiting", "paused"].includes(item.state);
    row.looks = item.state;
  }
  if (row.acting !== acting) {
    swapActions(row);
    row.acting = acting;
  }
  // A small file is there at once: a bar that moves for it keeps the browser
  // painting, and a thousand of them take longer.
  if (item.state === "hashing" && item.size > SMALL) row.meter.removeAttribute("value");
  else row.meter.value = share(item);
  const parts = facts(item);
  const key = parts.map((p) => p.textContent ?? p).join("|");
  if (row.shown === key) return;
  row.shown = key;
  row.facts.replaceChildren(...parts.flatMap((part, i) => (i === 0 ? [part] : [dot(), part])));
}

const dot = () => h("span", { class: "text-faint max-sm:hidden", "aria-hidden": "true" }, "·");

const share = (item) => (item.size === 0 ? 0 : Math.floor((item.sent / item.size) * 100));

function facts(item) {
  const span = (...text) => h("span", {}, ...text);
  switch (item.state) {
    case "uploading": {
      const speed = item.rate.perSecond();
      const parts = [...noted(item, span), span(`${bytes(item.sent)} of ${bytes(item.size)}`), span(`${share(item)} %`)];
      if (speed > 0) parts.push(span(`${bytes(speed)}/s`), span(`${left((item.size - item.sent) / speed)} left`));
      return parts;
    }
    case "hashing":
      return [span(`${bytes(item.size)} received`), span("checking SHA-256")];
    case "stored":
      return [span(`${bytes(item.size)} in ${duration(item.took)}`), ...hash(item)];
    case "waiting":
      return [span(`${bytes(item.sent)} of ${bytes(item.size)}`), span("goes on where it stopped")];
    case "paused":
      return [span(`${bytes(item.sent)} of ${bytes(item.size)}`), span(`${share(item)} %`)];
    case "skipped":
      return [span(bytes(item.size)), span("this batch has it, so it is not sent again")];
    case "failed":
      return [h("span", { class: "text-error font-medium" }, item.reason), ...(item.code ? [span("request ", h("code", {}, item.code))] : [])];
    case "cancelled":
      return [span(bytes(item.size)), span("nothing was kept")];
    default:
      return [...noted(item, span), span(bytes(item.size)), span("starts when one of those running is done")];
  }
}

const noted = (item, span) => (item.note ? [span(item.note)] : []);

function hash({ checked, result }) {
  const sha256 = result?.sha256;
  if (!sha256) return [];
  const same = checked && h("span", { class: "inline-flex items-center gap-1", title: "The browser and the portal hashed the same bytes." }, icon("shield-check", "i-sm"), "same bytes");
  return [h("span", { class: "id", title: sha256 }, h("code", {}, sha256.slice(0, 8)), copyButton(sha256, "Copy SHA-256")), same].filter(Boolean);
}

function copyButton(text, label) {
  return h("button", { class: "copy", type: "button", "data-copy": text, "aria-label": label, title: label }, icon("copy", "i-sm"));
}

// The buttons change with the state; the focus stays in the row if it was there.
function swapActions(row) {
  const focused = row.acts.contains(document.activeElement);
  row.acts.replaceChildren(...actions(row.item));
  row.acts.className = `flex items-center gap-1${row.item.state === "failed" || row.item.state === "cancelled" ? " max-sm:col-span-full max-sm:mt-2 max-sm:justify-end" : ""}`;
  if (focused) row.acts.querySelector("button, a")?.focus();
}

function actions(item) {
  const act = (name, label, glyph) =>
    h("button", { class: "btn btn-ghost btn-sm btn-square", type: "button", "data-act": name, "aria-label": `${label} ${item.name}`, title: label }, icon(glyph));
  switch (item.state) {
    case "stored":
      if (!item.result?.id) return [];
      return [act("link", "Copy link to", "link"), h("a", { class: "btn btn-sm", href: `/app/files/${encodeURIComponent(item.result.id)}/`, "aria-label": `Open ${item.name}` }, "Open")];
    case "failed":
    case "cancelled":
      if (!item.file) return [];
      return [h("button", { class: "btn btn-sm", type: "button", "data-act": "retry", "aria-label": `Retry ${item.name}` }, icon("rotate-cw"), "Retry")];
    case "skipped":
      return [];
    case "paused":
      return [act("goOn", "Resume", "play"), act("cancel", "Cancel", "x")];
    default:
      return [act("pause", "Pause", "pause"), act("cancel", "Cancel", "x")];
  }
}
