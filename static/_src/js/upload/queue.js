// The queue: which file is where (item.js has the states), and what is next.
// It knows no network: `wire` does the talking, so tests give it another.
//
// When the portal stops answering, the queue holds instead of failing file
// after file, and asks now and then whether it is back.

import { Batches } from "./batches.js";
import { RIDERS } from "./bundle.js";
import { Hold } from "./hold.js";
import { MOVING, SMALL, forget, keyOf, newItem, noCounts, randomKey } from "./item.js";
import { Refused, backoff, mismatch, tooBig } from "./verdict.js";

// Over HTTP/1.1 a browser opens six connections to a host: with the two that
// carry small files (bundle.js) one is left for the page.
const PARALLEL_BIG = 3;
const TRIES = 6; // without a byte getting through
const HASH_LAG = 5000; // ms that a file which is up waits for its SHA-256

// soon gives what a hash gives, or "" when it takes too long.
async function soon(sum) {
  let timer;
  const late = new Promise((resolve) => { timer = setTimeout(resolve, HASH_LAG, ""); });
  const first = await Promise.race([sum, late]);
  clearTimeout(timer);
  return first;
}

export class Queue {
  items = [];
  counts = noCounts();
  batches;
  here = new Map(); // keys of what the batch has already
  #wire;
  #options;
  #next = 0;
  #moving = { small: 0, big: 0 };
  #comparing = 0;
  #withdrawing = 0;
  #hold;
  #fresh = null;

  // options: wire, maxSize (bytes, 0 none), label(), resume(item) which gives a
  // new item the unfinished upload it continues, and changed(item | null).
  constructor(options) {
    this.#options = options;
    this.#wire = options.wire;
    this.#hold = new Hold(() => this.#wire.alive(), () => this.resume());
    this.batches = new Batches({ wire: options.wire, label: options.label, changed: () => options.changed(null), lost: () => this.#hold.lost() });
  }

  // held is why nothing starts; hold.js says what there is.
  get held() {
    return this.#hold.why;
  }

  get busy() {
    const { queued, uploading, hashing, waiting } = this.counts;
    return queued + uploading + hashing + waiting > 0;
  }

  // waitingForRetry counts failed files of the open batch that another try may bring in.
  get waitingForRetry() {
    const { open } = this.batches;
    if (!open || this.counts.failed === 0) return 0;
    return this.items.filter((i) => i.state === "failed" && i.file && i.retryable && i.batch === open).length;
  }

  add(found) {
    const { maxSize, resume } = this.#options;
    for (const one of found) {
      const item = newItem(this.items.length, one);
      this.items.push(item);
      this.counts.queued++;
      if (item.unreadable) {
        this.#fail(item, new Refused("The browser could not read this file. Check that you may open it, then add it again."));
      } else if (maxSize > 0 && item.size > maxSize) {
        this.#fail(item, new Refused(tooBig(item.size, maxSize)));
      } else if (this.here.has(keyOf(item))) {
        this.#set(item, "skipped");
      } else {
        const earlier = resume(item);
        if (earlier?.url) Object.assign(item, { url: earlier.url, sent: earlier.received, batch: this.batches.adopt(earlier.batch) });
        item.note = earlier?.note ?? "";
      }
    }
    this.pump();
  }

  // pump starts what may start, and seals when nothing is left.
  pump() {
    for (;;) {
      const item = this.held ? null : this.#head();
      if (!item) break;
      item.rides = item.size <= SMALL && !item.url;
      if (item.rides ? this.#moving.small >= RIDERS : this.#moving.big >= PARALLEL_BIG) break;
      this.#run(item);
    }
    if (!this.busy && this.counts.paused === 0 && this.#comparing + this.#withdrawing === 0 && this.waitingForRetry === 0) this.finish();
    this.#options.changed(null);
  }

  // Everything before #next has had its turn.
  #head() {
    if (this.counts.queued === 0) return null;
    while (this.items[this.#next].state !== "queued") this.#next++;
    return this.items[this.#next];
  }

  async #run(item) {
    const turn = {};
    const over = () => item.turn !== turn;
    Object.assign(item, { turn, reason: "", code: "", began: item.began ?? performance.now() });
    item.key ||= randomKey();
    item.rate.clear();
    item.rate.add(item.sent);
    this.#set(item, "uploading");
    try {
      if (!item.url) item.batch ??= await this.batches.current();
      if (over()) return;
      if (!item.rides) item.hash ??= this.#wire.hash(item.file);
      const transfer = this.#wire.start(item, { made: (url) => { item.url = url; }, progress: (sent) => over() || this.#progress(item, sent) });
      item.stop = transfer.stop;
      const result = await transfer.done;
      if (over()) return;
      Object.assign(item, { result, sent: item.size, took: (performance.now() - item.began) / 1000, stop: null, tries: 0, note: "" });
      this.#set(item, "stored");
      this.#compare(item);
    } catch (err) {
      if (over()) return;
      item.stop = null;
      await this.#weigh(item, err, over);
    }
    this.pump();
  }

  #progress(item, sent) {
    if (!MOVING.has(item.state)) return;
    if (sent > item.sent) item.tries = 0;
    item.sent = Math.min(sent, item.size);
    item.rate.add(item.sent);
    this.#set(item, sent >= item.size ? "hashing" : "uploading");
  }

  // #compare looks whether the portal has what is here. It costs nobody time:
  // a hash that is not there shortly after the file is given up.
  async #compare(item) {
    const there = item.result.sha256;
    this.#comparing++;
    if (there && item.hash) item.sum ||= await soon(item.hash.sum);
    item.hash?.cancel();
    this.#comparing--;
    if (item.state === "stored") {
      if (item.sum && item.sum !== there) {
        item.wrong = item.url;
        this.#fail(item, new Refused(mismatch(there, item.sum), { retryable: true }));
      } else {
        Object.assign(item, { checked: item.sum !== "", file: null, hash: null });
        this.#options.changed(item);
      }
    }
    if (!this.busy) this.pump();
  }

  // #weigh decides what comes after a failure.
  async #weigh(item, err, over) {
    const verdict = err instanceof Refused ? err.verdict : "refused";
    if (verdict === "lost" && !(await this.#wire.readable(item.file))) {
      if (!over()) this.#fail(item, new Refused("The browser cannot read this file any more: it was moved, deleted or changed. Add it again."));
      return;
    }
    if (over()) return;
    if (verdict === "refused") forget(item);
    if (verdict === "refused" || ++item.tries > TRIES) {
      this.#fail(item, err);
      return;
    }
    if (verdict === "gone") {
      forget(item);
      item.note = "Its unfinished upload had expired or was discarded, so it starts anew.";
    }
    if (verdict === "batch") {
      this.batches.drop(item.batch);
      Object.assign(item, { batch: null, key: "" });
    }
    this.#set(item, "waiting");
    if (verdict === "lost") this.#hold.lost();
    else if (verdict === "signed-out") this.#hold.why = "signed-out";
    else if (verdict === "token") this.#freshToken().then(() => this.#later(item, 0));
    else this.#later(item, verdict === "later" ? err.wait || backoff(item.tries - 1) : 0);
  }

  // One token is for all who miss it at once.
  #freshToken() {
    this.#fresh ??= this.#wire.freshToken().finally(() => { this.#fresh = null; });
    return this.#fresh;
  }

  #later(item, ms) {
    item.timer = setTimeout(() => {
      item.timer = 0;
      if (item.state !== "waiting") return;
      this.#queueAgain(item);
      this.pump();
    }, ms);
  }

  #queueAgain(item) {
    clearTimeout(item.timer);
    item.timer = 0;
    this.#set(item, "queued");
    this.#next = Math.min(this.#next, item.index);
  }

  poke() {
    this.#hold.poke();
  }

  // resume lets a held queue go on.
  resume() {
    this.#hold.free();
    for (const item of this.items) if (item.state === "waiting" && !item.timer) this.#queueAgain(item);
    this.pump();
  }

  pause(...items) {
    for (const item of items) {
      if (!MOVING.has(item.state) && item.state !== "queued" && item.state !== "waiting") continue;
      this.#stop(item);
      this.#set(item, "paused");
    }
    this.pump();
  }

  // pauseAll stops what moves; what waits its turn goes on waiting.
  pauseAll() {
    this.#hold.why = "paused";
    this.pause(...this.items.filter((i) => MOVING.has(i.state) || i.state === "waiting"));
  }

  goOn(...items) {
    for (const item of items) if (item.state === "paused") this.#queueAgain(item);
    this.pump();
  }

  goOnAll() {
    if (this.held === "paused") this.#hold.free();
    this.goOn(...this.items);
  }

  cancel(...items) {
    for (const item of items) {
      if (!MOVING.has(item.state) && !["queued", "waiting", "paused"].includes(item.state)) continue;
      this.#stop(item);
      if (item.url || item.out) this.#withdraw({ ...item });
      item.hash?.cancel();
      forget(item);
      Object.assign(item, { reason: "", note: "", hash: null });
      this.#set(item, "cancelled");
    }
    this.pump();
  }

  // #withdraw ends what was begun, before the batch is sealed: a sealed one
  // answers no more for uploads whose address is still to be asked for.
  async #withdraw(item) {
    this.#withdrawing++;
    await this.#wire.withdraw(item);
    this.#withdrawing--;
    this.pump();
  }

  cancelAll() {
    this.#hold.free();
    this.cancel(...this.items);
  }

  retry(...items) {
    for (const item of items) {
      if (!item.file || !["failed", "cancelled"].includes(item.state)) continue;
      if (item.wrong) {
        this.#wire.discard(item.wrong).catch(() => {});
        forget(item);
      }
      if (!item.url && item.batch !== this.batches.open) item.batch = null;
      Object.assign(item, { reason: "", code: "", note: "", tries: 0, wrong: "", sum: "", hash: null, result: null, began: undefined });
      this.#queueAgain(item);
    }
    this.pump();
  }

  retryFailed() {
    this.retry(...this.items.filter((item) => item.state === "failed" && item.retryable));
  }

  // finish seals the batches; not while something moves.
  finish() {
    if (this.busy) return;
    for (const batch of this.batches.toSeal) this.batches.seal(batch);
  }

  #stop(item) {
    clearTimeout(item.timer);
    Object.assign(item, { turn: null, timer: 0 });
    item.stop?.();
    item.stop = null;
  }

  #set(item, state) {
    const moves = MOVING.has(state);
    if (moves !== MOVING.has(item.state)) this.#moving[item.rides ? "small" : "big"] += moves ? 1 : -1;
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
}
