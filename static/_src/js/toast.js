// Toasts: results stay five seconds, failures stay until they are closed.
// They come from three places: script, the server's page (data-toast), and
// the HX-Trigger header: {"toast": {"kind": "ok", "text": "…", "url": "", "url_text": ""}}.

import { h, icon, webAddress } from "./dom.js";

const LOOK = {
  ok: ["is-delivered", "circle-check"],
  error: ["is-failed", "circle-x"],
  info: ["is-pending", "info"],
};
const STAY = 5000;

export function toast({ kind = "ok", text, detail = "", url = "", urlText = "", code = "" }) {
  const region = document.getElementById("toasts");
  if (!region || !text) return;
  const [state, name] = LOOK[kind] ?? LOOK.info;
  const address = url && webAddress(url);
  const note = [detail, code && " Request ", code && h("code", {}, code)].filter(Boolean);
  const el = h("div", { class: `toast ${state}`, "data-toast": kind, role: kind === "error" ? "alert" : null },
    icon(name),
    h("div", { class: "min-w-0 grow" },
      h("p", { class: "font-semibold" }, text),
      note.length > 0 && h("p", { class: "text-sm text-muted" }, note)),
    address && h("a", { class: "btn btn-sm", href: address }, urlText || "Open"),
    h("button", { class: "copy", type: "button", "data-dismiss": true, "aria-label": `Dismiss: ${text}` }, icon("x", "i-sm")));
  region.append(el);
  keep(el);
  while (region.children.length > 5) region.firstElementChild.remove();
}

// keep starts a toast's clock; the clock stands still while pointer or focus are on it.
function keep(el) {
  if (el.dataset.toast === "error") return;
  let timer;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(() => el.remove(), STAY);
  };
  const stop = () => clearTimeout(timer);
  el.addEventListener("pointerenter", stop);
  el.addEventListener("pointerleave", start);
  el.addEventListener("focusin", stop);
  el.addEventListener("focusout", start);
  start();
}

function fromEvent(detail) {
  const list = Array.isArray(detail?.value) ? detail.value : [detail ?? {}];
  for (const t of list) {
    toast({
      kind: t.kind ?? t.Kind ?? "ok",
      text: t.text ?? t.Text ?? (typeof t.value === "string" ? t.value : ""),
      url: t.url ?? t.URL ?? "",
      urlText: t.url_text ?? t.URLText ?? "",
    });
  }
}

export function startToasts() {
  document.querySelectorAll("#toasts > [data-toast]").forEach(keep);
  document.addEventListener("toast", (e) => fromEvent(e.detail));
  document.addEventListener("click", (e) => {
    e.target.closest("[data-dismiss]")?.closest(".toast, [data-dismissable]")?.remove();
  });
}
