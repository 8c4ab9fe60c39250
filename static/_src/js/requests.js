// What every htmx request has in common: the CSRF token on the way out, a
// plain sentence with the request id when it failed, no polling while hidden.

import { meta } from "./dom.js";
import { toast } from "./toast.js";

const WORDS = {
  401: "Your session has ended. Sign in again.",
  403: "You may not do that.",
  404: "That is not there any more. Reload the page.",
  409: "Somebody changed this meanwhile. Reload the page and look again.",
  413: "That is too big.",
  429: "Too many requests. Wait a moment and try again.",
  503: "The portal is busy or starting. Try again in a moment.",
};

// sayProblem turns a failed answer into {text, code}. It understands problem
// JSON and falls back on the status.
export function sayProblem(xhr) {
  let text = "";
  let code = xhr.getResponseHeader("X-Request-Id") ?? "";
  if ((xhr.getResponseHeader("Content-Type") ?? "").includes("json")) {
    try {
      const problem = JSON.parse(xhr.responseText);
      text = problem.detail || problem.title || "";
      code = problem.request_id || code;
    } catch {
      text = "";
    }
  }
  return { text: text || WORDS[xhr.status] || "The portal could not do that. Try again; if it stays, tell an admin.", code };
}

export function startRequests() {
  document.addEventListener("htmx:configRequest", (e) => {
    e.detail.headers["X-CSRF-Token"] = meta("csrf-token");
  });
  document.addEventListener("htmx:beforeRequest", (e) => {
    if (document.hidden && e.target.hasAttribute("data-live")) e.preventDefault();
  });
  // What is pressed stays until it is let go: a click needs both on the same element.
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (e.target.matches("[data-live]:active") && e.detail.requestConfig.elt === e.target) e.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:responseError", (e) => {
    if (e.target.hasAttribute?.("data-live")) return;
    const xhr = e.detail.xhr;
    const problem = sayProblem(xhr);
    toast({
      kind: "error",
      text: problem.text,
      code: problem.code,
      url: xhr.status === 401 ? location.href : "",
      urlText: "Sign in",
    });
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (e) => {
      if (e.target.hasAttribute?.("data-live")) return;
      toast({ kind: "error", text: "The portal did not answer.", detail: "Check the connection and try again." });
    });
  }
  // A form that is on its way cannot be sent twice; the page comes back fresh from the cache.
  document.addEventListener("submit", (e) => {
    if (e.defaultPrevented || e.target.method === "dialog") return;
    const button = e.submitter;
    if (!button || e.target.method !== "post") return;
    setTimeout(() => button.setAttribute("aria-disabled", "true"));
  });
  window.addEventListener("pageshow", (e) => {
    if (!e.persisted) return;
    document.querySelectorAll("form [type=submit][aria-disabled], form button[aria-disabled]").forEach((b) => b.removeAttribute("aria-disabled"));
  });
}
