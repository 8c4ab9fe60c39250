// The upload page: brings the form to life. Elements are found by data-u.

import { h, icon, sameOrigin } from "../dom.js";
import { num, plural } from "../format.js";
import { paintBatch } from "./batch.js";
import { dropped, pasted, picked } from "./gather.js";
import { RowList } from "./list.js";
import { Queue } from "./queue.js";
import { Totals } from "./totals.js";

const BEAT = 200; // ms between two paintings

const FILTERS = {
  all: () => true,
  moving: (item) => item.state === "uploading" || item.state === "hashing",
  waiting: (item) => item.state === "queued",
  failed: (item) => item.state === "failed" || item.state === "cancelled",
  done: (item) => item.state === "stored",
};

export function startUpload() {
  const root = document.querySelector("[data-upload]");
  if (root) new UploadPage(root).start();
}

class UploadPage {
  #root;
  #address;
  #queue;
  #list;
  #totals;
  #filter = "all";
  #shown = [];
  #dirty = new Set();
  #timer = 0;
  #pulse = 0;

  constructor(root) {
    this.#root = root;
    this.#address = root.dataset.upload;
    this.#queue = new Queue({
      root: this.#address,
      maxSize: Number(root.dataset.maxSize) || 0,
      label: () => this.at("label").value.trim(),
      changed: (item) => this.#changed(item),
    });
    this.#list = new RowList(this.at("list"));
    this.#totals = new Totals((name) => this.at(name), this.#queue);
  }

  at(name) {
    return this.#root.querySelector(`[data-u="${name}"]`);
  }

  start() {
    this.#pickers();
    this.#drops();
    this.#buttons();
    document.addEventListener("paste", (e) => {
      const found = pasted(e.clipboardData);
      if (found.length === 0) return;
      e.preventDefault();
      this.#add(found);
    });
    window.addEventListener("beforeunload", (e) => {
      if (!this.#queue.busy) return;
      e.preventDefault();
      e.returnValue = "";
    });
    window.addEventListener("online", () => {
      if (this.#queue.held === "lost") this.#queue.resume();
    });
  }

  #add(found) {
    if (found.length === 0) return;
    this.#queue.add(found);
    this.#paint();
  }

  #pickers() {
    for (const name of ["pick", "pick-folder"]) {
      const input = this.at(name);
      input.addEventListener("change", () => this.#add(picked(input)));
    }
    this.at("folder").addEventListener("click", () => this.at("pick-folder").click());
    this.at("form").addEventListener("submit", (e) => e.preventDefault());
  }

  // The whole window takes a drop; the zone says so.
  #drops() {
    const zone = this.at("zone");
    const title = this.at("zone-title");
    const calm = title.textContent;
    const carriesFiles = (e) => e.dataTransfer?.types.includes("Files");
    const leave = () => {
      zone.classList.remove("over");
      title.textContent = calm;
    };
    window.addEventListener("dragover", (e) => {
      if (!carriesFiles(e)) return;
      e.preventDefault();
      e.dataTransfer.dropEffect = "copy";
      const n = [...e.dataTransfer.items].filter((item) => item.kind === "file").length;
      zone.classList.add("over");
      title.textContent = n > 0 ? `Let go to add ${plural(n, "file")}` : "Let go to add them";
    });
    window.addEventListener("dragleave", (e) => {
      if (!e.relatedTarget) leave();
    });
    window.addEventListener("drop", async (e) => {
      if (!carriesFiles(e)) return;
      e.preventDefault();
      leave();
      for await (const found of dropped(e.dataTransfer)) this.#add(found);
    });
  }

  #buttons() {
    this.at("retry-failed").addEventListener("click", () => this.#queue.retryFailed());
    this.at("cancel-all").addEventListener("click", () => this.#queue.cancelAll());
    this.at("finish").addEventListener("click", () => this.#queue.finish());
    this.at("go-on").addEventListener("click", () => this.#goOn());
    this.at("filters").addEventListener("change", (e) => {
      this.#filter = e.target.value;
      this.#paint();
    });
    this.at("list").addEventListener("click", (e) => {
      const act = e.target.closest("[data-act]")?.dataset.act;
      const item = act && this.#list.itemOf(e.target);
      if (!item) return;
      if (act === "cancel") this.#queue.cancel(item);
      else this.#queue.retry(item);
      this.#paint();
    });
  }

  // After a new sign-in the page's token is an old one: take the new one from a fresh page.
  async #goOn() {
    if (this.#queue.held === "signed-out") {
      try {
        const answer = await fetch(this.#address, { redirect: "error" });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const token = page.querySelector('meta[name="csrf-token"]')?.content;
        if (token) document.querySelector('meta[name="csrf-token"]').content = token;
      } catch {
        return; // still signed out: the banner stays
      }
    }
    this.#queue.resume();
  }

  #changed(item) {
    if (item) this.#dirty.add(item);
    if (!this.#timer) this.#timer = setTimeout(() => this.#paint(), BEAT);
  }

  #paint() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const { items, busy } = this.#queue;
    this.at("panel").hidden = items.length === 0;
    this.#paintList();
    for (const item of this.#dirty) this.#list.paint(item);
    this.#dirty.clear();
    this.#totals.paint();
    this.#paintButtons();
    this.#paintHeld();
    paintBatch((name) => this.at(name), this.#queue);
    // Speeds fade and times go down even when no event comes.
    clearTimeout(this.#pulse);
    if (busy && !this.#queue.held) this.#pulse = setTimeout(() => this.#beat(), 1000);
  }

  #beat() {
    for (const item of this.#queue.items) if (FILTERS.moving(item)) this.#dirty.add(item);
    this.#paint();
  }

  #paintList() {
    const { items } = this.#queue;
    const wanted = this.#filter === "all" ? items : items.filter(FILTERS[this.#filter]);
    const same = wanted.length === this.#shown.length && wanted.every((item, i) => item === this.#shown[i]);
    if (!same) {
      this.#shown = [...wanted];
      this.#list.show(this.#shown);
    }
    this.at("none").hidden = wanted.length > 0;
  }

  #paintButtons() {
    const { counts, busy, items, lastBatch, waitingForRetry } = this.#queue;
    const retryable = counts.failed > 0 && items.some((item) => item.state === "failed" && item.file && item.retryable);
    this.at("retry-failed").hidden = !retryable;
    this.at("cancel-all").hidden = !busy;
    this.at("finish").hidden = busy || (waitingForRetry === 0 && lastBatch?.status !== "unfinished");
    this.at("filters").hidden = items.length <= 8;
    const shares = { all: items.length, moving: counts.uploading + counts.hashing, waiting: counts.queued, failed: counts.failed + counts.cancelled, done: counts.stored };
    for (const [name, n] of Object.entries(shares)) this.at(`n-${name}`).textContent = num(n);
  }

  #paintHeld() {
    const { held, counts } = this.#queue;
    const banner = this.at("held");
    banner.hidden = !held;
    if (!held) return;
    const waiting = counts.queued + counts.failed;
    const where = sameOrigin("/login/");
    this.at("held-text").replaceChildren(...(held === "lost"
      ? [h("strong", {}, "The portal does not answer. "), `${plural(waiting, "file waits", "files wait")}; they go on by themselves when the connection is back.`]
      : [h("strong", {}, "Your session has ended. "), `${plural(waiting, "file waits", "files wait")}. `, h("a", { class: "link", href: where, target: "_blank" }, "Sign in in a new tab", icon("external-link", "i-sm inline ml-1")), ", then come back and go on."]));
  }
}
