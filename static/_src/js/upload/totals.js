// The head of the panel: how much of all is here, how fast, how long still.

import { announce } from "../dom.js";
import { bytes, left, num, plural } from "../format.js";
import { Rate } from "./rate.js";

const SPEAK = 5000;

export class Totals {
  #at;
  #queue;
  #rate = new Rate();
  #sent = 0;
  #spoken = 0;
  #wasBusy = false;

  // at(name) finds the element with data-u=name.
  constructor(at, queue) {
    this.#at = at;
    this.#queue = queue;
  }

  paint() {
    const { items, counts, busy } = this.#queue;
    const { total, sent } = this.#sum(items, busy);
    if (sent < this.#sent || (busy && !this.#wasBusy)) this.#rate.clear();
    this.#sent = sent;
    this.#rate.add(sent);
    const wanted = items.length - counts.cancelled - counts.skipped;
    const share = total > 0 ? sent / total : wanted > 0 ? counts.stored / wanted : 0;
    const percent = Math.min(counts.stored === wanted && wanted > 0 ? 100 : 99, Math.floor(share * 100));
    const speed = busy && !this.#queue.held ? this.#rate.perSecond() : 0;
    const wait = speed > 0 ? left((total - sent) / speed) : "";

    this.#write("title", this.#title());
    this.#write("summary", this.#summary());
    this.#write("percent", `${percent} %`);
    this.#at("meter").value = percent;
    this.#at("meter").className = `meter meter-lg mt-2.5 ${this.#look()}`;
    this.#write("sent", bytes(sent));
    this.#write("total", bytes(total));
    this.#write("speed", `${bytes(speed)}/s`);
    this.#write("left", wait);
    this.#at("speed-part").hidden = speed === 0;
    this.#at("left-part").hidden = wait === "";
    this.#speak(percent, wait);
    this.#wasBusy = busy;
  }

  // What failed counts again once nothing moves: then the share is what is here of what was wanted.
  #sum(items, busy) {
    let total = 0;
    let sent = 0;
    for (const item of items) {
      if (item.state === "cancelled" || item.state === "skipped" || (busy && item.state === "failed")) continue;
      total += item.size;
      if (item.state !== "failed") sent += item.sent;
    }
    return { total, sent };
  }

  #look() {
    const { busy, held, counts } = this.#queue;
    if (held === "paused" || (!busy && counts.paused > 0)) return "is-pending";
    if (busy) return "is-uploading";
    return counts.failed > 0 ? "is-partial" : "is-stored";
  }

  #title() {
    const { items, counts, busy } = this.#queue;
    const { held } = this.#queue;
    const wanted = items.length - counts.cancelled - counts.skipped;
    if (held === "paused" || (!busy && counts.paused > 0)) return `Paused, ${num(counts.stored)} of ${plural(wanted, "file")} here`;
    if (busy) return `${held ? "Waiting to send" : "Sending"} ${plural(wanted, "file")}`;
    if (counts.skipped > 0 && wanted === 0) return items.length === 1 ? "It was here already" : "All were here already";
    if (counts.stored === 0) return "Nothing arrived";
    if (counts.stored === wanted) return wanted === 1 ? "1 file is here" : `${num(wanted)} files are here`;
    return `${num(counts.stored)} of ${plural(wanted, "file")} ${counts.stored === 1 ? "is" : "are"} here`;
  }

  #summary() {
    const { counts } = this.#queue;
    return [
      [counts.stored, "done"],
      [counts.uploading + counts.hashing, "moving"],
      [counts.queued + counts.waiting, "waiting"],
      [counts.paused, "paused"],
      [counts.failed, "failed"],
      [counts.cancelled, "cancelled"],
      [counts.skipped, "here before"],
    ].filter(([n]) => n > 0).map(([n, word]) => `${num(n)} ${word}`).join(", ");
  }

  #write(name, text) {
    const el = this.#at(name);
    if (el.textContent !== text) el.textContent = text;
  }

  // #speak tells a screen reader how it goes, every five seconds at most, and how it ended.
  #speak(percent, wait) {
    const { busy, items } = this.#queue;
    if (!busy && !this.#wasBusy) return;
    const now = performance.now();
    if (busy && now - this.#spoken < SPEAK) return;
    this.#spoken = now;
    if (busy) announce(`${percent} %, ${this.#summary()}${wait && `, about ${wait} left`}`);
    else announce(`Finished. ${this.#title()}${this.#queue.counts.stored === items.length ? "" : `: ${this.#summary()}`}.`);
  }
}
