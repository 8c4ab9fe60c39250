import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";
import { keyOf } from "./item.js";
import { Queue } from "./queue.js";
import { match, notThis } from "./same.js";
import { Refused, backoff, judge, retryAfter, tooBig } from "./verdict.js";

globalThis.crypto ??= webcrypto; // node 18 has it under another name

// A portal that answers when the test says so.
function portal(over = {}) {
  const runs = [];
  const asked = [];
  return {
    runs, asked,
    start(item, { made, progress }) {
      const run = { item, made, progress, stopped: false, from: item.url };
      run.done = new Promise((resolve, reject) => Object.assign(run, { resolve, reject }));
      runs.push(run);
      return { done: run.done, stop: () => { run.stopped = true; } };
    },
    hash: () => ({ sum: Promise.resolve(over.sum ?? ""), cancel() {} }),
    openBatch: async () => ({ id: `batch-${asked.push("open")}`, url: "/" }),
    finaliseBatch: async (id) => { asked.push(`seal ${id}`); return { status: "complete" }; },
    readable: async () => true,
    alive: async () => true,
    freshToken: async () => true,
    withdraw: (item) => asked.push(`withdraw ${item.url || item.key}`),
    discard: async (url) => { asked.push(`discard ${url}`); },
    ...over,
  };
}

const queueOf = (wire, more = {}) => new Queue({ wire, maxSize: 0, label: () => "", resume: () => null, changed() {}, ...more });
const files = (n, size = 10) => Array.from({ length: n }, (_, i) => ({ file: { name: `${i}.bin`, size, lastModified: 1 }, path: "" }));
// What is begun has come to rest after three turns: a timer of the queue that was
// set before a turn, and is no longer, ends before it, however slow the machine.
async function settle() {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
}

test("small files are under way by the hundred, big ones by three, and the batch is sealed once", async () => {
  const wire = portal();
  const queue = queueOf(wire);
  queue.add(files(102));
  await settle();
  assert.equal(wire.runs.length, 100);
  for (let i = 0; i < 102; i++) {
    wire.runs[i].resolve({ id: "x", sha256: "" });
    if (i % 50 === 1) await settle();
  }
  await settle();
  assert.equal(queue.counts.stored, 102);
  assert.deepEqual(wire.asked, ["open", "seal batch-1"]);
  queue.add(files(5, 1e9));
  await settle();
  assert.equal(wire.runs.length, 102 + 3);
});

test("one fresh token is for all files that missed it", async () => {
  let asked = 0;
  const wire = portal({ freshToken: async () => ++asked });
  const queue = queueOf(wire);
  queue.add(files(40));
  await settle();
  for (const run of wire.runs.slice()) run.reject(new Refused("", { verdict: "token" }));
  while (wire.runs.length < 80) await settle();
  assert.equal(asked, 1);
  assert.equal(queue.counts.uploading, 40);
});

test("what may have gone out is withdrawn when it is cancelled, paused or not", async () => {
  const wire = portal();
  const queue = queueOf(wire);
  queue.add(files(3));
  await settle();
  wire.runs[0].item.out = true;
  wire.runs[1].item.out = true;
  const keys = queue.items.map((item) => item.key);
  queue.pause(queue.items[1]);
  queue.cancel(...queue.items);
  await settle();
  assert.deepEqual(wire.asked.slice(1), [`withdraw ${keys[0]}`, `withdraw ${keys[1]}`, "seal batch-1"]);
});

test("a lost network holds the queue, and everything goes on where it was", async () => {
  const wire = portal();
  const queue = queueOf(wire);
  queue.add(files(3, 1e6));
  await settle();
  wire.runs[0].made("/files/1");
  wire.runs[0].progress(500_000);
  for (const run of wire.runs) run.reject(new Refused("", { verdict: "lost", retryable: true }));
  await settle();
  assert.equal(queue.held, "lost");
  assert.equal(queue.counts.waiting, 3);
  queue.poke();
  await settle();
  assert.equal(queue.held, "");
  assert.equal(queue.counts.uploading, 3);
  assert.equal(wire.runs[3].from, "/files/1");
});

test("a file that breaks again and again without a byte getting through is given up", async () => {
  const wire = portal();
  const queue = queueOf(wire);
  queue.add(files(1, 1e6));
  for (let i = 0; i < 7; i++) {
    await settle();
    wire.runs[i].reject(new Refused("It broke.", { verdict: "lost", retryable: true }));
    await settle();
    queue.poke();
  }
  await settle();
  assert.equal(queue.items[0].state, "failed");
  assert.equal(queue.items[0].reason, "It broke.");
});

test("a file that the browser cannot read any more fails at once", async () => {
  const wire = portal({ readable: async () => false });
  const queue = queueOf(wire);
  queue.add(files(1));
  await settle();
  wire.runs[0].reject(new Refused("", { verdict: "lost" }));
  await settle();
  assert.match(queue.items[0].reason, /moved, deleted or changed/);
});

test("an upload that is gone starts anew and says so; a full batch is followed by another", async () => {
  const wire = portal();
  const queue = queueOf(wire, { resume: () => ({ url: "/files/old", received: 4, batch: "b" }) });
  queue.add(files(1, 1e6));
  await settle();
  assert.equal(wire.runs[0].from, "/files/old");
  wire.runs[0].reject(new Refused("", { verdict: "gone" }));
  await settle();
  assert.equal(wire.runs[1].from, "");
  assert.equal(queue.items[0].sent, 0);
  assert.match(queue.items[0].note, /starts anew/);
  wire.runs[1].reject(new Refused("", { verdict: "batch" }));
  await settle();
  assert.equal(queue.items[0].batch.id.startsWith("batch-"), true);
});

test("paused files keep the batch open, cancelled ones are withdrawn", async () => {
  const wire = portal();
  const queue = queueOf(wire);
  queue.add(files(2, 1e6));
  await settle();
  wire.runs[0].made("/files/1");
  queue.pause(queue.items[0]);
  assert.equal(wire.runs[0].stopped, true);
  wire.runs[1].resolve({ id: "x", sha256: "" });
  await settle();
  assert.deepEqual(wire.asked, ["open"]);
  queue.cancel(queue.items[0]);
  await settle();
  assert.deepEqual(wire.asked, ["open", "withdraw /files/1", "seal batch-1"]);
  assert.equal(queue.items[0].state, "cancelled");
});

test("other bytes there than here are an error; retry deletes them first", async () => {
  const wire = portal({ sum: "aa".repeat(32) });
  const queue = queueOf(wire);
  queue.add(files(1, 1e6));
  await settle();
  wire.runs[0].made("/files/1");
  wire.runs[0].resolve({ id: "x", sha256: "bb".repeat(32) });
  await settle();
  assert.match(queue.items[0].reason, /bbbbbbbb… there, aaaaaaaa… here/);
  assert.deepEqual(wire.asked, ["open"]);
  queue.retryFailed();
  await settle();
  assert.deepEqual(wire.asked, ["open", "discard /files/1"]);
  assert.equal(wire.runs[1].from, "");
  wire.runs[1].resolve({ id: "x", sha256: "aa".repeat(32) });
  await settle();
  assert.equal(queue.items[0].checked, true);
});

test("what the batch has is not sent again", async () => {
  const wire = portal();
  const queue = queueOf(wire);
  queue.here.set(keyOf({ path: "", name: "0.bin", size: 10 }), true);
  queue.add(files(2));
  await settle();
  assert.deepEqual(queue.items.map((i) => i.state), ["skipped", "uploading"]);
});

test("10,000 files are added in less than a frame's portion of time each", () => {
  const queue = queueOf(portal());
  const began = process.cpuUsage();
  for (let i = 0; i < 40; i++) queue.add(files(250));
  assert.ok(process.cpuUsage(began).user < 2_000_000);
  assert.equal(queue.items.length, 10_000);
});

test("an unfinished upload is continued by the same file alone", () => {
  const row = { name: "a.bin", path: "scans", size: 5, modified: "17", inOrder: true };
  const item = (over = {}) => ({ name: "a.bin", path: "scans", size: 5, file: { lastModified: 17 }, ...over });
  assert.equal(match([row], item()).row, row);
  assert.equal(match([{ ...row, modified: "" }], item()).row.name, "a.bin");
  for (const other of [{ path: "" }, { name: "b.bin" }, { size: 6 }]) assert.equal(match([row], item(other)).row, undefined);
  assert.deepEqual(match([row], item({ file: { lastModified: 18 } })), { row: undefined, changed: true });
  assert.equal(notThis(row, { name: "a.bin", size: 5, lastModified: 17 }), "");
  assert.match(notThis(row, { name: "b.bin", size: 5, lastModified: 17 }), /That is b\.bin/);
  assert.match(notThis(row, { name: "a.bin", size: 6, lastModified: 17 }), /not the same/);
  assert.match(notThis(row, { name: "a.bin", size: 5, lastModified: 18 }), /changed since/);
});

test("verdicts", () => {
  const table = { 0: "lost", 401: "signed-out", 403: "token", 404: "gone", 409: "later", 410: "gone", 413: "refused", 415: "refused", 429: "later", 503: "later" };
  for (const [status, want] of Object.entries(table)) assert.equal(judge(Number(status), false), want, status);
  assert.equal(judge(409, true), "batch");
  assert.equal(judge(404, true), "refused");
  assert.deepEqual([0, 1, 5, 50].map(backoff), [1000, 2000, 30_000, 30_000]);
  assert.deepEqual(["3", "", null, "Wed, 21 Oct 2026 07:28:00 GMT"].map(retryAfter), [3000, 0, 0, 0]);
});

test("size and limit differ in the words even by one byte", () => {
  assert.equal(tooBig(2_000_001, 2_000_000), "This file is 2,000,001 bytes. The portal takes up to 2,000,000 bytes a file.");
  assert.equal(tooBig(5 * 2 ** 30 + 1, 5 * 2 ** 30), "This file is 5,368,709,121 bytes. The portal takes up to 5,368,709,120 bytes a file.");
  assert.equal(tooBig(2_100_000, 2_000_000), "This file is 2.10 MB. The portal takes up to 2.00 MB a file.");
});
