// Selection in lists: x-data="bulkList" around the bulk bar and the table.
//   input.pick            one per row; data-size, if given, is summed up
//   input[data-pick-all]  in the head, ticks the page
//   [data-bulk-count]     "3", [data-bulk-noun] "files" or "file", [data-bulk-size] "530 MB"
//   [data-bulk-names]     the ticked rows by name (data-name of the boxes), the first few of many
//   [data-bulk-clear]     unticks all
//   [data-bulk-all]       takes all that match: sets input[name=all] to 1
// The bar shows by itself while a box is ticked (input.css).

import { announce } from "./dom.js";
import { bytes, num } from "./format.js";

const namesShown = 5;

function names(ticked) {
  const shown = ticked.slice(0, namesShown).map((box) => box.dataset.name ?? "").filter(Boolean);
  const more = ticked.length - shown.length;
  return shown.join(", ") + (shown.length > 0 && more > 0 ? ` and ${num(more)} more` : "");
}

export function bulkList() {
  let last = null;
  return {
    init() {
      this.sync();
      this.$root.addEventListener("change", (e) => this.changed(e));
      this.$root.addEventListener("click", (e) => this.clicked(e));
      this.$root.addEventListener("htmx:afterSettle", () => this.sync());
    },
    picks() {
      return [...this.$root.querySelectorAll("input.pick")];
    },
    changed(e) {
      if (e.target.matches("[data-pick-all]")) {
        for (const box of this.picks()) box.checked = e.target.checked;
      } else if (!e.target.matches("input.pick")) {
        return;
      }
      this.all(false);
      this.sync();
    },
    clicked(e) {
      if (e.target.matches("input.pick")) {
        this.range(e);
        return;
      }
      if (e.target.closest("[data-bulk-clear]")) {
        e.preventDefault();
        for (const box of this.picks()) box.checked = false;
        this.all(false);
        this.sync();
      } else if (e.target.closest("[data-bulk-all]")) {
        e.preventDefault();
        for (const box of this.picks()) box.checked = true;
        this.all(true);
        this.sync();
      }
    },
    // Shift and a click tick everything in between.
    range(e) {
      const boxes = this.picks();
      if (e.shiftKey && last && boxes.includes(last)) {
        const [a, b] = [boxes.indexOf(last), boxes.indexOf(e.target)].sort((x, y) => x - y);
        for (const box of boxes.slice(a, b + 1)) box.checked = e.target.checked;
      }
      last = e.target;
    },
    all(on) {
      const field = this.$root.querySelector('input[name="all"]');
      if (field) field.value = on ? "1" : "";
    },
    sync() {
      const boxes = this.picks();
      const ticked = boxes.filter((box) => box.checked);
      const head = this.$root.querySelector("[data-pick-all]");
      if (head) {
        head.checked = boxes.length > 0 && ticked.length === boxes.length;
        head.indeterminate = ticked.length > 0 && !head.checked;
      }
      const every = this.$root.querySelector('input[name="all"]')?.value === "1";
      const total = this.$root.querySelector("[data-bulk-all]")?.dataset.bulkAll;
      const size = ticked.reduce((sum, box) => sum + Number(box.dataset.size ?? 0), 0);
      this.write("[data-bulk-count]", () => (every ? `all ${total}` : num(ticked.length)));
      this.write("[data-bulk-noun]", (el) => (ticked.length === 1 && !every ? el.dataset.one : el.dataset.bulkNoun));
      this.write("[data-bulk-size]", () => (size > 0 && !every ? bytes(size) : ""));
      this.write("[data-bulk-names]", () => (every ? "" : names(ticked)));
      if (ticked.length > 0) announce(every ? `All ${total} selected` : `${num(ticked.length)} selected`);
    },
    write(selector, text) {
      for (const el of this.$root.querySelectorAll(selector)) el.textContent = text(el);
    },
  };
}
