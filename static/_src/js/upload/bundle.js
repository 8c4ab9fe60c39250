// Small files ride together: one request carries many of them, and its answer
// tells of each. A request for every one would cost the browser and the portal
// more than its bytes do.
//
// A file that is stopped ends the request that carries it; the others go out
// again. The portal knows each by its key, so none is stored twice.

import { Refused } from "./verdict.js";

// What one request carries: with what stands around the bytes it is less than
// the megabyte that many proxies let pass.
const FILES = 50;
const BYTES = 750_000;
// One request is on its way while the next is made ready.
const FLIGHTS = 2;

// RIDERS is how many files may be started, so that every request is full.
export const RIDERS = FILES * FLIGHTS;

export class Bundles {
  #waiting = [];
  #flights = 0;
  #timer = 0;
  #options;

  // options: read(files) gives {sum, bytes} of each, bytes null for one that
  // cannot be read; send(loads, progress) and alone(item, hooks) talk to the
  // portal, see wire.js.
  constructor(options) {
    this.#options = options;
  }

  // start sends a file with others; it returns what wire.js start does.
  start(item, hooks) {
    const rider = { item, hooks, stop: null, over: false };
    const done = new Promise((resolve, reject) => Object.assign(rider, { resolve, reject }));
    this.#waiting.push(rider);
    // What is started in one go rides together.
    this.#timer ||= setTimeout(() => this.#fly());
    return { done, stop: () => this.#stop(rider) };
  }

  #stop(rider) {
    rider.over = true;
    this.#waiting = this.#waiting.filter((r) => r !== rider);
    rider.stop?.();
  }

  #fly() {
    this.#timer = 0;
    while (this.#waiting.length > 0 && this.#flights < FLIGHTS) this.#carry(this.#load());
  }

  #load() {
    const next = this.#waiting;
    let n = 1;
    let bytes = next[0].item.size;
    while (!next[0].item.alone && n < next.length && n < FILES && !next[n].item.alone && (bytes += next[n].item.size) <= BYTES) n++;
    return next.splice(0, n);
  }

  async #carry(riders) {
    this.#flights++;
    try {
      const loads = await this.#read(riders);
      if (loads.length === 1) await this.#alone(loads[0].rider);
      else if (loads.length > 1) await this.#together(loads);
    } finally {
      this.#flights--;
      this.#fly();
    }
  }

  // #read gives the riders that are still wanted, with their bytes.
  async #read(riders) {
    const got = await this.#options.read(riders.map(({ item }) => item.file));
    const loads = [];
    riders.forEach((rider, i) => {
      const { sum, bytes } = got[i];
      if (rider.over) return;
      if (!bytes || bytes.byteLength !== rider.item.size) {
        rider.reject(new Refused("", { verdict: "lost", retryable: true })); // the queue looks whether it can be read
        return;
      }
      rider.item.sum = sum;
      loads.push({ rider, item: rider.item, bytes });
    });
    return loads;
  }

  async #together(loads) {
    const { send } = this.#options;
    const request = send(loads, (i, sent) => loads[i].rider.over || loads[i].rider.hooks.progress(sent));
    let stopped = false;
    const stop = () => {
      stopped = true;
      request.stop();
    };
    for (const { rider } of loads) Object.assign(rider, { stop }).item.out = true;
    try {
      const results = await request.done;
      await Promise.all(loads.map(({ rider }, i) => this.#settle(rider, results[i])));
    } catch (err) {
      const left = loads.map(({ rider }) => rider).filter((rider) => !rider.over);
      const refused = err instanceof Refused && err.verdict === "refused";
      // A request that is refused whole says nothing about a file: each goes alone.
      if (refused) for (const { item } of left) item.alone = true;
      if (stopped || refused) this.#waiting.unshift(...left);
      else for (const rider of left) rider.reject(err);
    }
  }

  // #settle ends a rider's ride; an upload that is there but not whole goes on
  // alone.
  async #settle(rider, { url, file, refused }) {
    if (rider.over) return;
    if (url) rider.hooks.made(url);
    if (refused) rider.reject(refused);
    else if (file) rider.resolve(file);
    else await this.#alone(rider);
  }

  async #alone(rider) {
    const { done, stop } = this.#options.alone(rider.item, rider.hooks);
    // What is stopped says nothing more.
    const stopped = new Promise((resolve) => {
      rider.stop = () => {
        stop();
        resolve();
      };
    });
    await Promise.race([done.then(rider.resolve, rider.reject), stopped]);
  }
}
