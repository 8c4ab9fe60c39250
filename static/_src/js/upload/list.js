// A list that stays light with thousands of rows. Rows stand in chunks of
// fifty; only chunks near the viewport have rows in the page, the others keep
// their height. A chunk that holds the focus keeps its rows.

import { h } from "../dom.js";
import { build, paint } from "./row.js";

const CHUNK = 50;

export class RowList {
  #root;
  #items = [];
  #chunks = [];
  #rows = new Map(); // item → row in the page
  #watch;
  #height = 85; // of a row; a guess until some were seen

  constructor(root) {
    this.#root = root;
    this.#watch = new IntersectionObserver((seen) => this.#seen(seen), { rootMargin: "1200px 0px" });
  }

  // show replaces the list, or adds to it when the new list begins with the old one.
  show(items) {
    const grown = this.#items.length > 0 && items.length >= this.#items.length && this.#items.every((item, i) => items[i] === item);
    if (!grown) this.#clear();
    this.#items = items;
    for (let from = 0, n = 0; from < items.length; from += CHUNK, n++) {
      const chunk = this.#chunks[n] ?? this.#addChunk();
      chunk.items = items.slice(from, from + CHUNK);
      if (chunk.live) this.#fill(chunk);
      else this.#reserve(chunk);
    }
  }

  paint(item) {
    const row = this.#rows.get(item);
    if (row) paint(row);
  }

  itemOf(el) {
    const at = el.closest("[role=listitem]");
    for (const [item, row] of this.#rows) if (row.el === at) return item;
    return null;
  }

  #clear() {
    for (const chunk of this.#chunks) {
      this.#watch.unobserve(chunk.el);
      chunk.el.remove();
    }
    this.#chunks = [];
    this.#rows.clear();
  }

  #addChunk() {
    const el = h("div", { role: "presentation", class: "border-b border-line last:border-0" });
    const chunk = { el, items: [], live: this.#chunks.length === 0 };
    this.#chunks.push(chunk);
    this.#root.append(el);
    this.#watch.observe(el);
    return chunk;
  }

  #seen(entries) {
    for (const entry of entries) {
      const chunk = this.#chunks.find((c) => c.el === entry.target);
      if (!chunk || chunk.live === entry.isIntersecting) continue;
      if (entry.isIntersecting) {
        chunk.live = true;
        this.#fill(chunk);
      } else if (!chunk.el.contains(document.activeElement)) {
        chunk.live = false;
        chunk.height = chunk.el.offsetHeight / Math.max(1, chunk.el.children.length);
        this.#height = chunk.height || this.#height;
        this.#empty(chunk);
      }
    }
  }

  #fill(chunk) {
    chunk.el.style.height = "";
    for (const item of chunk.items) {
      const known = this.#rows.get(item);
      if (known) {
        known.el.setAttribute("aria-setsize", this.#items.length);
        paint(known);
        continue;
      }
      const row = build(item, this.#items.length);
      this.#rows.set(item, row);
      chunk.el.append(row.el);
    }
  }

  #empty(chunk) {
    for (const item of chunk.items) this.#rows.delete(item);
    chunk.el.replaceChildren();
    this.#reserve(chunk);
  }

  #reserve(chunk) {
    chunk.el.style.height = `${Math.round(chunk.items.length * (chunk.height ?? this.#height))}px`;
  }
}
