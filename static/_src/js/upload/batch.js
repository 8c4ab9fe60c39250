// The panel "This batch": what it is called, where it is, how it ended.

import { sameOrigin, setIcon } from "../dom.js";

const LOOK = {
  in_progress: ["is-in_progress", "loader-circle", "In progress"],
  complete: ["is-complete", "circle-check", "Complete"],
  partial: ["is-partial", "circle-alert", "Partial"],
  failed: ["is-failed", "x", "Failed"],
  unfinished: ["is-partial", "circle-alert", "Not finished"],
};

export function paintBatch(at, queue) {
  const { open, last } = queue.batches;
  const batch = open?.id ? open : last;
  const label = at("label");
  label.readOnly = Boolean(open);
  at("label-hint").textContent = open
    ? "The label was given when the batch began."
    : batch ? "For the next batch." : "Optional. Helps to find the files again.";
  at("batch-foot").hidden = !batch;
  at("batch-pill").hidden = !batch;
  if (!batch) return;
  const [state, name, word] = LOOK[batch.status] ?? LOOK.in_progress;
  const pill = at("batch-pill");
  pill.className = `pill ${state}`;
  setIcon(pill.querySelector("svg"), name);
  pill.lastElementChild.textContent = word;
  at("batch-id").textContent = batch.id.slice(-8);
  at("batch-id").parentElement.title = batch.id;
  at("batch-copy").dataset.copy = batch.id;
  const address = sameOrigin(batch.url);
  for (const link of ["batch-link", "batch-open"]) at(link).href = address || "/app/batches/";
}
