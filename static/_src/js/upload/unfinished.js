// Uploads left in the middle, as the portal listed them in the page. A file
// that is chosen again goes on where its upload stopped.

import { announce } from "../dom.js";
import { bytes, plural } from "../format.js";
import { toast } from "../toast.js";
import { match, notThis } from "./same.js";

export class Unfinished {
  #panel;
  #rows = [];
  #picking = null;
  #options;

  // options: panel, picker (an input of files), add(found), discard(url).
  constructor(options) {
    this.#options = options;
    this.#panel = options.panel;
    if (!this.#panel) return;
    this.#rows = [...this.#panel.querySelectorAll("[data-unfinished]")].map(read);
    this.#panel.addEventListener("click", (e) => this.#click(e));
    this.#panel.addEventListener("submit", (e) => this.#submit(e));
    options.picker.addEventListener("change", () => this.#picked());
  }

  // take gives the upload that an item continues, and drops it from the list.
  take(item) {
    const { row, changed } = match(this.#rows.filter((r) => r.inOrder), item);
    if (!row) return { note: changed ? "It was changed since its unfinished upload, so it starts anew." : "" };
    this.#remove(row);
    return { url: row.url, received: row.received, batch: row.batch, note: `Goes on after ${bytes(row.received)}.` };
  }

  #click(e) {
    const row = e.target.closest("[data-go-on]") && this.#rowOf(e.target);
    if (!row) return;
    this.#picking = row;
    this.#options.picker.click();
  }

  #picked() {
    const { picker, add } = this.#options;
    const [file] = picker.files;
    const row = this.#picking;
    picker.value = "";
    if (!file || !row) return;
    const reason = notThis(row, file);
    if (reason) toast({ kind: "error", text: reason });
    else add([{ file, path: row.path }]);
  }

  async #submit(e) {
    const row = this.#rowOf(e.target);
    if (!row) return;
    e.preventDefault();
    try {
      await this.#options.discard(row.url);
    } catch (err) {
      toast({ kind: "error", text: err.message, code: err.code });
      return;
    }
    this.#remove(row);
    announce(`${row.name} discarded. ${plural(this.#rows.length, "unfinished upload")} left.`);
  }

  #rowOf(el) {
    const at = el.closest("[data-unfinished]");
    return this.#rows.find((row) => row.el === at);
  }

  #remove(row) {
    const next = row.el.nextElementSibling ?? row.el.previousElementSibling;
    const focused = row.el.contains(document.activeElement);
    row.el.remove();
    this.#rows = this.#rows.filter((r) => r !== row);
    this.#panel.querySelector("[data-count]").textContent = this.#rows.length;
    this.#panel.hidden = this.#rows.length === 0;
    if (focused) (next?.querySelector("button") ?? document.getElementById("pick")).focus();
  }
}

function read(el) {
  const { unfinished, name, path, size, received, modified, batch, inOrder } = el.dataset;
  return {
    el, name, path, modified, batch, inOrder: inOrder === "true", size: Number(size), received: Number(received),
    url: new URL(`/files/${unfinished}`, location.href).href,
  };
}
