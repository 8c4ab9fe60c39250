// The command palette: Ctrl K opens it, typing narrows the pages and asks the
// server for what has those words in its name; arrows choose, Enter goes.

import { openDialog } from "./dialogs.js";

const ASK_AFTER = 150; // milliseconds without a key
const LEAST = 2; // characters worth asking for

export function palette() {
  return {
    pages: [],
    at: 0,
    wait: 0,
    init() {
      this.pages = [...this.$root.querySelectorAll("[role=option]")];
      for (const link of this.pages) link.tabIndex = -1;
      this.$root.addEventListener("dialog:open", () => this.reset());
      this.$root.addEventListener("htmx:afterSwap", () => this.show());
      // Ctrl K works before this does; what was typed by now is looked for.
      this.$nextTick(() => this.words().length > 0 && this.filter());
    },
    reset() {
      this.$refs.query.value = "";
      this.filter();
      this.$refs.query.focus();
    },
    words() {
      return this.$refs.query.value.toLowerCase().split(/\s+/).filter(Boolean);
    },
    links() {
      return [...this.pages, ...this.$refs.found.querySelectorAll("[role=option]")];
    },
    shown() {
      return this.links().filter((link) => !link.hidden);
    },
    filter() {
      const words = this.words();
      for (const link of this.pages) {
        const text = `${link.textContent} ${link.dataset.words ?? ""}`.toLowerCase();
        link.hidden = !words.every((word) => text.includes(word));
      }
      clearTimeout(this.wait);
      if (words.join(" ").length < LEAST) this.$refs.found.replaceChildren();
      else this.wait = setTimeout(() => this.$refs.query.dispatchEvent(new CustomEvent("palette:ask")), ASK_AFTER);
      this.show();
    },
    // An answer that comes after its words were taken back shows nothing.
    show() {
      if (this.words().join(" ").length < LEAST) this.$refs.found.replaceChildren();
      this.$refs.none.hidden = this.shown().length > 0;
      this.mark(0);
    },
    mark(index) {
      const shown = this.shown();
      this.at = shown.length === 0 ? 0 : (index + shown.length) % shown.length;
      for (const link of this.links()) {
        const on = link === shown[this.at];
        link.classList.toggle("on", on);
        link.setAttribute("aria-selected", String(on));
        if (on) link.scrollIntoView({ block: "nearest" });
      }
      this.$refs.query.setAttribute("aria-activedescendant", shown[this.at]?.id ?? "");
    },
    key(e) {
      if (e.key === "ArrowDown") this.mark(this.at + 1);
      else if (e.key === "ArrowUp") this.mark(this.at - 1);
      else if (e.key === "Enter") this.shown()[this.at]?.click();
      else return;
      e.preventDefault();
    },
  };
}

export function togglePalette() {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  if (dialog.open) dialog.close();
  else if (!document.querySelector("dialog:modal")) openDialog(dialog);
}
