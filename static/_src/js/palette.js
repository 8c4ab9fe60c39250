// The command palette: Ctrl K opens it, typing narrows, arrows choose, Enter goes.

import { openDialog } from "./dialogs.js";

export function palette() {
  return {
    links: [],
    at: 0,
    init() {
      this.links = [...this.$root.querySelectorAll("[role=option]")];
      for (const link of this.links) link.tabIndex = -1;
      this.$root.addEventListener("dialog:open", () => this.reset());
    },
    reset() {
      this.$refs.query.value = "";
      this.filter();
      this.$refs.query.focus();
    },
    shown() {
      return this.links.filter((link) => !link.hidden);
    },
    filter() {
      const words = this.$refs.query.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const link of this.links) {
        const text = `${link.textContent} ${link.dataset.words ?? ""}`.toLowerCase();
        link.hidden = !words.every((word) => text.includes(word));
      }
      this.$refs.none.hidden = this.shown().length > 0;
      this.mark(0);
    },
    mark(index) {
      const shown = this.shown();
      this.at = shown.length === 0 ? 0 : (index + shown.length) % shown.length;
      for (const link of this.links) {
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

const typing = (el) => el?.closest?.("input:not([type=checkbox],[type=radio],[type=file]), textarea, select, [contenteditable]");

export function startKeys() {
  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === "k") {
      const dialog = document.getElementById("palette");
      if (!dialog) return;
      e.preventDefault();
      if (dialog.open) dialog.close();
      else if (!document.querySelector("dialog:modal")) openDialog(dialog);
      return;
    }
    if (e.key === "/" && !e.ctrlKey && !e.metaKey && !e.altKey && !typing(e.target)) {
      const search = document.querySelector("[data-list-search], main input[type=search]");
      if (!search || document.querySelector("dialog:modal")) return;
      e.preventDefault();
      search.focus();
      search.select();
    }
  });
}
