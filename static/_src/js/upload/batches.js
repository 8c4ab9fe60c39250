// The batches of this page. Files that are dropped go into the open one, which
// is made when the first of them goes out; files resumed from earlier belong to
// the batch they came with. All are sealed when nothing more comes.

import { randomKey } from "./item.js";

export class Batches {
  open = null; // {id, url, status}; id is "" while it is being made
  last = null;
  #others = new Map();
  #options;

  // options: wire (openBatch, finaliseBatch), label(), changed(), lost().
  constructor(options) {
    this.#options = options;
  }

  // goOn makes an earlier batch the open one.
  goOn(batch) {
    this.open = { ...batch, status: "in_progress", made: null };
    this.open.made = Promise.resolve(this.open);
  }

  // current is the open batch, made if there is none.
  current() {
    if (this.open) return this.open.made;
    const { wire, label, changed } = this.#options;
    const batch = { id: "", url: "", status: "in_progress" };
    batch.made = wire.openBatch(label(), randomKey()).then(({ id, url }) => {
      Object.assign(batch, { id, url });
      changed();
      return batch;
    });
    batch.made.catch(() => this.drop(batch));
    this.open = batch;
    return batch.made;
  }

  // drop lets go of a batch that takes no more files.
  drop(batch) {
    if (this.open === batch) this.open = null;
  }

  // adopt is the batch a resumed file came with; null for none.
  adopt(id) {
    if (!id) return null;
    if (this.open?.id === id) return this.open;
    if (!this.#others.has(id)) this.#others.set(id, { id, url: `/app/batches/${encodeURIComponent(id)}/`, status: "in_progress" });
    return this.#others.get(id);
  }

  get toSeal() {
    const own = this.open?.id ? [this.open] : [];
    return [...own, ...this.#others.values(), ...(this.last?.status === "unfinished" ? [this.last] : [])];
  }

  // seal ends a batch; one whose end does not get through is "unfinished".
  async seal(batch) {
    this.drop(batch);
    this.#others.delete(batch.id);
    this.last = batch;
    batch.status = "sealing";
    try {
      const end = await this.#options.wire.finaliseBatch(batch.id);
      Object.assign(batch, { status: end.status, files: end.files, failed: end.failed });
    } catch (err) {
      Object.assign(batch, { status: "unfinished", reason: err.message });
      if (err.verdict === "lost") this.#options.lost();
    }
    this.#options.changed();
  }
}
