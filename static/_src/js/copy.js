// Copy buttons: data-copy="text", or data-copy-from="#id" for the text of an
// element. data-copy-toast="Link copied" says it in a toast as well.

import { announce, setIcon } from "./dom.js";
import { toast } from "./toast.js";

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldWay(text);
  }
}

// The clipboard API is missing on plain http; a selected field still works there.
function copyOldWay(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  const focused = document.activeElement;
  (focused?.closest("dialog") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  focused?.focus?.({ preventScroll: true });
  return done;
}

async function onClick(e) {
  const button = e.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const from = button.dataset.copyFrom;
  const text = from ? (document.querySelector(from)?.textContent ?? "") : button.dataset.copy;
  const done = await copyText(text.trim());
  if (!done) {
    toast({ kind: "error", text: "The browser did not let the page copy.", detail: "Select the text and copy it by hand." });
    return;
  }
  const said = button.dataset.copyToast;
  if (said) toast({ text: said });
  else announce("Copied");
  const svg = button.querySelector("svg");
  const before = svg?.querySelector("use")?.getAttribute("href")?.split("#i-")[1];
  if (!before || before === "check") return;
  setIcon(svg, "check");
  setTimeout(() => setIcon(svg, before), 1500);
}

export function startCopy() {
  document.addEventListener("click", onClick);
  // The browser knows better than the server under which address it is seen.
  document.querySelectorAll("[data-origin]").forEach((el) => {
    el.textContent = location.origin;
  });
}
