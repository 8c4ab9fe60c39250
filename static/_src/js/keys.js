// Keys of the keyboard. Ctrl K opens the palette and Ctrl S saves a form; the
// rest are single keys, which the list of them (?) can switch off for people
// whose hands or software type by themselves (WCAG 2.1.4).

import { openDialog } from "./dialogs.js";
import { togglePalette } from "./palette.js";

const OFF = "doorito:single-keys-off";
const SEQUENCE = 1200; // milliseconds for the second key after g

// After g: the page's letter.
export const PAGES = {
  d: "/app/", u: "/app/upload/", f: "/app/files/", b: "/app/batches/", t: "/app/tokens/",
  e: "/app/endpoints/", v: "/app/events/", s: "/app/deliveries/", a: "/admin/",
};

const typing = (el) => el?.closest?.("input:not([type=checkbox],[type=radio],[type=file]), textarea, select, [contenteditable]");

const isOff = () => {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
};

// Rows of the first list on the page.
const rows = () => [...document.querySelectorAll("main .tbl tbody tr")];

function move(step) {
  const all = rows();
  if (all.length === 0) return false;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const row = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
  const link = row.querySelector("a") ?? row.querySelector("input");
  link?.focus();
  row.scrollIntoView({ block: "nearest" });
  return Boolean(link);
}

function tick() {
  const box = document.activeElement?.closest?.("tr")?.querySelector("input.pick");
  box?.click();
  return Boolean(box);
}

function follow(selector) {
  const link = document.querySelector(selector);
  link?.click();
  return Boolean(link);
}

function search() {
  const field = document.querySelector("[data-list-search], main input[type=search]");
  field?.focus();
  field?.select();
  return Boolean(field);
}

function help() {
  const dialog = document.getElementById("keys");
  if (dialog) openDialog(dialog);
  return Boolean(dialog);
}

function save() {
  const form = document.querySelector("main form[data-save]");
  form?.requestSubmit(form.querySelector("[type=submit]"));
  return Boolean(form);
}

const SINGLE = {
  "/": search, "?": help, j: () => move(1), k: () => move(-1), x: tick,
  n: () => follow("main a[rel=next][href]"), p: () => follow("main a[rel=prev][href]"),
};

export function startKeys() {
  let since = -Infinity;
  const box = document.getElementById("single-keys");
  if (box) {
    box.checked = !isOff();
    box.addEventListener("change", () => {
      try {
        localStorage.setItem(OFF, box.checked ? "0" : "1");
      } catch {
        box.checked = true; // nothing is kept here, so it stays as it is
      }
    });
  }
  document.addEventListener("keydown", (e) => {
    const key = e.key.length === 1 ? e.key.toLowerCase() : e.key;
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey) {
      if (key === "k") {
        e.preventDefault();
        togglePalette();
      } else if (key === "s" && !document.querySelector("dialog:modal") && save()) {
        e.preventDefault();
      }
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e.target) || document.querySelector("dialog:modal") || isOff()) return;
    if (e.timeStamp - since < SEQUENCE && PAGES[key]) {
      since = -Infinity;
      const link = document.querySelector(`.side a[href="${PAGES[key]}"]`);
      if (link) {
        e.preventDefault();
        link.click();
      }
      return;
    }
    since = key === "g" ? e.timeStamp : -Infinity;
    if (SINGLE[key]?.()) e.preventDefault();
  });
}
