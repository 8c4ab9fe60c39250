// Why the queue starts nothing: "" (it does), "lost" (nobody answers),
// "signed-out" or "paused". While nobody answers, the portal is asked after 1, 2,
// 4 … 30 seconds whether it is back.

import { backoff } from "./verdict.js";

export class Hold {
  why = "";
  #alive;
  #back;
  #tries = 0;
  #timer = 0;

  // alive() tells whether somebody answers; back() is called when they do again.
  constructor(alive, back) {
    this.#alive = alive;
    this.#back = back;
  }

  lost() {
    if (this.why !== "") return;
    this.why = "lost";
    this.#tries = 0;
    this.#ask(backoff(0));
  }

  // poke asks now: the browser says that the network is back, or somebody clicked.
  poke() {
    if (this.why === "lost") this.#ask(0);
  }

  free() {
    this.why = "";
    clearTimeout(this.#timer);
  }

  #ask(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      if (this.why !== "lost") return;
      if (await this.#alive()) this.#back();
      else if (this.why === "lost") this.#ask(backoff(++this.#tries));
    }, ms);
  }
}
