// The speed of a transfer: a moving average over the last seconds.

const WINDOW = 5000;

export class Rate {
  #samples = [];

  // add takes the bytes sent so far.
  add(total, now = performance.now()) {
    const last = this.#samples.at(-1);
    if (last && now - last.now < 100) last.total = total;
    else this.#samples.push({ now, total });
    while (this.#samples.length > 2 && now - this.#samples[0].now > WINDOW) this.#samples.shift();
  }

  // perSecond is 0 until there is enough to tell.
  perSecond(now = performance.now()) {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || now - first.now < 250) return 0;
    return Math.max(0, ((last.total - first.total) * 1000) / (now - first.now));
  }

  clear() {
    this.#samples = [];
  }
}
