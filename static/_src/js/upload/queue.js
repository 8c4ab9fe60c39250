// The queue: which file is where. States of an item:
//   queued → uploading → hashing → stored
//                     ↘ failed, cancelled → queued (retry)
// A batch is opened when the first file goes out and finalised when the queue
// is empty; while files that could still arrive have failed, it stays open
// for them until somebody finishes it. When the portal stops answering, the
// queue holds instead of failing file after file.

import { bytes, limit } from "../format.js";
import { Rate } from "./rate.js";
import { Refused, finaliseBatch, openBatch, sendFile } from "./send.js";

const PARALLEL = 3;
const LOST = 3; // broken connections in a row before the queue holds
const MOVING = ["uploading", "hashing"];

export class Queue {
  items = [];
  counts = { queued: 0, uploading: 0, hashing: 0, stored: 0, failed: 0, cancelled: 0 };
  batch = null; // the open one: {id, url, status, promise}
  lastBatch = null;
  held = ""; // why nothing starts: "", "lost" or "signed-out"
  #options;
  #next = 0;
  #lost = 0;

  // options: root (address), maxSize (bytes, 0 none), label() and
  // changed(item | null), called after every change; null means the batch.
  constructor(options) {
    this.#options = options;
  }

  get busy() {
    return this.counts.queued + this.counts.uploading + this.counts.hashing > 0;
  }

  // waitingForRetry counts failed files of the open batch that another try may bring in.
  get waitingForRetry() {
    if (!this.batch || this.counts.failed === 0) return 0;
    return this.items.filter((i) => i.state === "failed" && i.retryable && i.batch === this.batch).length;
  }

  add(found) {
    const { maxSize } = this.#options;
    for (const { file, path, name, unreadable } of found) {
      const item = { index: this.items.length, file, name: file?.name ?? name, path, size: file?.size ?? 0, sent: 0, rate: new Rate(), state: "queued" };
      this.items.push(item);
      this.counts.queued++;
      if (unreadable) {
        this.#fail(item, new Refused("The browser could not read this file. Check that you may open it, then add it again."));
      } else if (maxSize > 0 && item.size > maxSize) {
        this.#fail(item, new Refused(`This file is ${bytes(item.size)}. The portal takes up to ${limit(maxSize)} a file.`));
      }
    }
    this.pump();
  }

  // pump starts what may start. Everything before #next has had its turn.
  pump() {
    while (!this.held && this.counts.queued > 0 && this.counts.uploading + this.counts.hashing < PARALLEL) {
      while (this.items[this.#next].state !== "queued") this.#next++;
      this.#run(this.items[this.#next]);
    }
    // Nothing waits, nothing moves: finish, unless a retry may still add to the batch.
    if (!this.busy && this.batch && this.waitingForRetry === 0) this.finish();
    this.#options.changed(null);
  }

  async #run(item) {
    const turn = {};
    Object.assign(item, { turn, sent: 0, reason: "", code: "", began: performance.now() });
    item.rate.clear();
    item.rate.add(0);
    this.#set(item, "uploading");
    try {
      const batch = await this.#openBatch();
      if (item.turn !== turn) return;
      item.batch = batch;
      const transfer = sendFile(this.#options.root, item, (sent) => this.#progress(item, sent));
      item.abort = transfer.abort;
      item.result = await transfer.done;
      if (item.turn !== turn) return;
      this.#lost = 0;
      Object.assign(item, { sent: item.size, took: (performance.now() - item.began) / 1000, file: null, abort: null });
      this.#set(item, "stored");
    } catch (err) {
      if (item.turn !== turn) return;
      item.abort = null;
      this.#fail(item, err);
      this.#weigh(err);
    }
    this.pump();
  }

  #progress(item, sent) {
    if (!MOVING.includes(item.state)) return;
    item.sent = Math.min(sent, item.size);
    item.rate.add(item.sent);
    this.#set(item, sent >= item.size ? "hashing" : "uploading");
  }

  #set(item, state) {
    this.counts[item.state]--;
    this.counts[state]++;
    item.state = state;
    this.#options.changed(item);
  }

  #fail(item, err) {
    const known = err instanceof Refused;
    item.reason = known ? err.message : "Something went wrong in this page. Retry, or reload it.";
    item.code = known ? err.code : "";
    item.retryable = known ? err.retryable : true;
    this.#set(item, "failed");
  }

  #weigh({ hold }) {
    this.#lost = hold === "lost" ? this.#lost + 1 : 0;
    if (hold === "signed-out" || this.#lost >= LOST) this.held = hold;
  }

  // resume lets a held queue go on, and gives those that broke another try.
  resume() {
    this.held = "";
    this.#lost = 0;
    this.retry(...this.items.filter((item) => item.state === "failed" && item.retryable));
  }

  #openBatch() {
    if (this.batch) return this.batch.promise;
    const { root, label, changed } = this.#options;
    const batch = { id: "", url: "", status: "in_progress" };
    batch.promise = openBatch(root, label()).then(({ id, url }) => {
      Object.assign(batch, { id, url });
      changed(null);
      return batch;
    });
    batch.promise.catch(() => {
      if (this.batch === batch) this.batch = null;
    });
    this.batch = batch;
    return batch.promise;
  }

  // finish seals the open batch, or the last one if its end did not get through.
  async finish() {
    const batch = this.batch ?? (this.lastBatch?.status === "unfinished" ? this.lastBatch : null);
    if (!batch?.id || (batch === this.batch && this.busy)) return;
    if (batch === this.batch) this.batch = null;
    this.lastBatch = batch;
    try {
      const end = await finaliseBatch(this.#options.root, batch.id);
      Object.assign(batch, { status: end.status, files: end.files, failed: end.failed });
    } catch (err) {
      Object.assign(batch, { status: "unfinished", reason: err.message });
    }
    this.#options.changed(null);
  }

  cancel(...items) {
    for (const item of items) {
      if (item.state !== "queued" && !MOVING.includes(item.state)) continue;
      Object.assign(item, { turn: null, sent: 0, reason: "" });
      this.#set(item, "cancelled");
      item.abort?.();
      item.abort = null;
    }
    this.pump();
  }

  cancelAll() {
    this.held = "";
    this.cancel(...this.items);
  }

  retry(...items) {
    for (const item of items) {
      if (!item.file || !["failed", "cancelled"].includes(item.state)) continue;
      Object.assign(item, { sent: 0, reason: "", code: "" });
      this.#set(item, "queued");
      this.#next = Math.min(this.#next, item.index);
    }
    this.pump();
  }

  retryFailed() {
    this.held = "";
    this.retry(...this.items.filter((item) => item.state === "failed"));
  }
}
