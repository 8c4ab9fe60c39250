// The upload page: brings the form to life. Elements are found by data-u.

import { h, icon, sameOrigin } from "../dom.js";
import { num, plural } from "../format.js";
import { copyText } from "../copy.js";
import { toast } from "../toast.js";
import { paintBatch } from "./batch.js";
import { Bundles } from "./bundle.js";
import { Hasher } from "./hash.js";
import { MOVING, keyOf } from "./item.js";
import { RowList } from "./list.js";
import { Queue } from "./queue.js";
import { startSources } from "./sources.js";
import { Totals } from "./totals.js";
import { Unfinished } from "./unfinished.js";
import * as wire from "./wire.js";

const BEAT = 200; // ms between two paintings

const FILTERS = {
  all: () => true,
  moving: (item) => MOVING.has(item.state),
  waiting: (item) => item.state === "queued" || item.state === "waiting" || item.state === "paused",
  failed: (item) => item.state === "failed" || item.state === "cancelled",
  done: (item) => item.state === "stored" || item.state === "skipped",
};

export class UploadPage {
  #root;
  #address;
  #queue;
  #list;
  #totals;
  #unfinished;
  #filter = "all";
  #shown = [];
  #dirty = new Set();
  #timer = 0;
  #pulse = 0;

  constructor(root) {
    this.#root = root;
    this.#address = root.dataset.upload;
    const [small, big] = [new Hasher(root.dataset.hasher), new Hasher(root.dataset.hasher)]; // small files wait for no big one
    const bundles = new Bundles({ read: (files) => small.pack(files), send: wire.sendTogether, alone: wire.start });
    this.#queue = new Queue({
      wire: {
        ...wire, start: (item, hooks) => (item.rides ? bundles : wire).start(item, hooks), hash: (file) => big.hash(file), freshToken: () => wire.freshToken(this.#address),
        openBatch: (label, key) => wire.openBatch(this.#address, label, key), finaliseBatch: (id) => wire.finaliseBatch(this.#address, id),
      },
      maxSize: Number(root.dataset.maxSize) || 0,
      label: () => this.at("label").value.trim(),
      resume: (item) => this.#unfinished.take(item),
      changed: (item) => this.#changed(item),
    });
    this.#list = new RowList(this.at("list"));
    this.#totals = new Totals((name) => this.at(name), this.#queue);
    this.#unfinished = new Unfinished({
      panel: this.at("unfinished"), picker: this.at("pick-again"), add: (found) => this.#add([found]), discard: wire.discard,
    });
  }

  at(name) {
    return this.#root.querySelector(`[data-u="${name}"]`);
  }

  async start() {
    const { into } = this.#root.dataset;
    if (into) await this.#goOnWith(into);
    startSources((name) => this.at(name), (found) => this.#add(found));
    this.#buttons();
    window.addEventListener("beforeunload", (e) => {
      if (!this.#queue.busy) return;
      e.preventDefault();
      e.returnValue = "";
    });
    window.addEventListener("online", () => this.#queue.poke());
    // Back from signing in, in another tab.
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.#queue.held === "signed-out") this.#goOn();
    });
    this.#root.dataset.ready = "true";
  }

  // #goOnWith takes up an earlier batch: what it has is not sent again.
  async #goOnWith(id) {
    try {
      const { files, open, url } = await wire.filesOfBatch(this.#address, id);
      for (const file of files) if (!["failed", "uploading"].includes(file.status)) this.#queue.here.set(keyOf(file), true);
      if (open) this.#queue.batches.goOn({ id, url: sameOrigin(url) });
      paintBatch((name) => this.at(name), this.#queue);
    } catch (err) {
      toast({ kind: "error", text: err.message, code: err.code });
    }
  }

  // #add takes portions of files, and lets the page breathe in between.
  async #add(portions) {
    for await (const found of portions) {
      this.#queue.add(found);
      this.#changed(null);
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  #buttons() {
    const on = (name, act) => this.at(name).addEventListener("click", () => {
      act();
      this.#paint();
    });
    on("retry-failed", () => this.#queue.retryFailed());
    on("pause-all", () => this.#queue.pauseAll());
    on("go-on-all", () => this.#queue.goOnAll());
    on("cancel-all", () => this.#queue.cancelAll());
    on("finish", () => this.#queue.finish());
    on("go-on", () => this.#goOn());
    this.at("filters").addEventListener("change", (e) => {
      this.#filter = e.target.value;
      this.#paint();
    });
    this.at("list").addEventListener("click", (e) => {
      const act = e.target.closest("[data-act]")?.dataset.act;
      const item = act && this.#list.itemOf(e.target);
      if (!item) return;
      if (act === "link") copyLink(this.#address, item);
      else this.#queue[act](item);
      this.#paint();
    });
  }

  // After a new sign-in the page's token is an old one: take the new one from a fresh page.
  async #goOn() {
    if (this.#queue.held === "lost") this.#queue.poke();
    else if (await wire.freshToken(this.#address)) this.#queue.resume();
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
    const { counts, busy, held, items, batches, waitingForRetry } = this.#queue;
    const retryable = counts.failed > 0 && items.some((item) => item.state === "failed" && item.file && item.retryable);
    const still = held === "paused" || counts.paused > 0;
    this.at("retry-failed").hidden = !retryable;
    this.at("pause-all").hidden = !busy || held !== "";
    this.at("go-on-all").hidden = !still;
    this.at("cancel-all").hidden = !busy && counts.paused === 0;
    this.at("finish").hidden = busy || counts.paused > 0 || (waitingForRetry === 0 && batches.last?.status !== "unfinished");
    this.at("filters").hidden = items.length <= 8;
    const shares = {
      all: items.length, moving: counts.uploading + counts.hashing, waiting: counts.queued + counts.waiting + counts.paused,
      failed: counts.failed + counts.cancelled, done: counts.stored + counts.skipped,
    };
    for (const [name, n] of Object.entries(shares)) this.at(`n-${name}`).textContent = num(n);
  }

  #paintHeld() {
    const { held, counts } = this.#queue;
    const shown = held === "lost" || held === "signed-out";
    const banner = this.at("held");
    // Written once: an alert that is painted again is read out again.
    const waiting = counts.queued + counts.waiting;
    const key = shown ? `${held} ${waiting} ${navigator.onLine}` : "";
    if (banner.dataset.key === key) return;
    banner.dataset.key = key;
    banner.hidden = !shown;
    if (!shown) return;
    const files = waiting === 0 ? "The end of the batch waits" : plural(waiting, "file waits", "files wait");
    this.at("go-on").textContent = held === "lost" ? "Try now" : "Go on";
    this.at("held-text").replaceChildren(...(held === "lost"
      ? [h("strong", {}, navigator.onLine ? "The portal does not answer. " : "Waiting for the network. "), `${files}; it goes on by itself, where it stopped, when the connection is back.`]
      : [h("strong", {}, "Your session has ended. "), `${files}. `, h("a", { class: "link", href: sameOrigin("/login"), target: "_blank" }, "Sign in in a new tab", icon("external-link", "i-sm inline ml-1")), ", then come back and go on."]));
  }
}

// The link is asked for when somebody wants it: 10,000 files need no 10,000 links.
async function copyLink(address, item) {
  try {
    const { url } = await wire.fileThere(address, item.result.id);
    if (await copyText(url)) toast({ text: "Link copied" });
    else toast({ kind: "error", text: "The browser did not let the page copy.", detail: "Open the file and copy its link there." });
  } catch (err) {
    toast({ kind: "error", text: err.message, code: err.code });
  }
}
