// SHA-256 of files, computed in a worker beside the upload.
//
// The rule: every file is hashed unless that would be noticed, which is when it
// is over 4 GiB, when the person saves data, or when the machine has one core or
// 1 GB of memory. Who is slower than the upload is given up by the queue. Up to
// three files are hashed at once; the others wait.

const MOST = 4 * 1024 ** 3;
const AT_ONCE = 3;

export function tooMuch(file, nav = navigator) {
  return file.size > MOST || nav.hardwareConcurrency === 1 || (nav.deviceMemory ?? 8) <= 1 || nav.connection?.saveData === true;
}

// readAlone reads a file here, unhashed: where no worker runs.
const readAlone = (file) => file.arrayBuffer().then((bytes) => ({ sum: "", bytes }), () => ({ sum: "", bytes: null }));

const none = { sum: Promise.resolve(""), cancel() {} };

export class Hasher {
  #address;
  #worker = null;
  #jobs = new Map(); // id → {file, resolve}
  #packs = new Map(); // id → resolve
  #queue = [];
  #running = 0;
  #last = 0;

  constructor(address) {
    this.#address = address;
  }

  // hash returns {sum, cancel}. sum gives 64 hex digits, or "" when the file was
  // not hashed: by the rule, cancelled, or not readable.
  hash(file) {
    if (!this.#address || tooMuch(file)) return none;
    const id = ++this.#last;
    const sum = new Promise((resolve) => this.#jobs.set(id, { file, resolve }));
    this.#queue.push(id);
    this.#next();
    return { sum, cancel: () => this.#end(id, "", true) };
  }

  // pack reads small files whole: {sum, bytes} of each, sum as hash says, bytes
  // null for one that cannot be read.
  async pack(files) {
    if (!this.#address) return Promise.all(files.map(readAlone));
    const id = ++this.#last;
    const sums = !files.some((file) => tooMuch(file));
    const got = await new Promise((resolve) => {
      this.#packs.set(id, resolve);
      this.#start().postMessage({ id, files, sums });
    });
    return got ?? Promise.all(files.map(readAlone));
  }

  #next() {
    while (this.#running < AT_ONCE && this.#queue.length > 0) {
      const id = this.#queue.shift();
      const job = this.#jobs.get(id);
      if (!job) continue;
      this.#running++;
      job.running = true;
      this.#start().postMessage({ id, file: job.file });
    }
  }

  #start() {
    if (this.#worker) return this.#worker;
    this.#worker = new Worker(this.#address);
    this.#worker.onmessage = ({ data: { id, sum, pack } }) => {
      if (pack) this.#unpack(id, pack);
      else this.#end(id, sum, false);
    };
    this.#worker.onerror = () => this.#giveUp();
    return this.#worker;
  }

  #unpack(id, pack) {
    this.#packs.get(id)?.(pack);
    this.#packs.delete(id);
  }

  #end(id, sum, tell) {
    const job = this.#jobs.get(id);
    if (!job) return;
    this.#jobs.delete(id);
    job.resolve(sum);
    if (!job.running) return;
    this.#running--;
    if (tell) this.#worker?.postMessage({ id, cancel: true });
    this.#next();
  }

  // #giveUp lets uploads go on without: a worker that does not run is no reason to stop.
  #giveUp() {
    this.#address = "";
    this.#worker?.terminate();
    this.#worker = null;
    for (const { resolve } of this.#jobs.values()) resolve("");
    this.#jobs.clear();
    for (const id of this.#packs.keys()) this.#unpack(id, null);
    this.#queue = [];
    this.#running = 0;
  }
}
