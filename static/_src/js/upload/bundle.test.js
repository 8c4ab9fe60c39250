import assert from "node:assert/strict";
import { test } from "node:test";
import { Bundles } from "./bundle.js";
import { Refused } from "./verdict.js";

// A portal that answers when the test says so.
function portal(over = {}) {
  const requests = [];
  const singles = [];
  const bundles = new Bundles({
    read: async (files) => files.map((file) => ({ sum: `sum of ${file.name}`, bytes: file.gone ? null : new ArrayBuffer(file.size) })),
    send(loads, progress) {
      const request = { loads, progress, names: loads.map(({ item }) => item.name) };
      const done = new Promise((resolve, reject) => Object.assign(request, { resolve, reject }));
      requests.push(request);
      return { done, stop: () => request.reject(new Refused("", { verdict: "lost" })) };
    },
    alone(item, hooks) {
      const single = { item, hooks };
      const done = new Promise((resolve, reject) => Object.assign(single, { resolve, reject }));
      singles.push(single);
      return { done, stop: () => { single.stopped = true; } };
    },
    ...over,
  });
  return { bundles, requests, singles };
}

const files = (n, size = 10) => Array.from({ length: n }, (_, i) => ({ name: String(i), size, file: { name: String(i), size } }));
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const here = (request) => request.names.map((name) => ({ url: `/files/${name}`, file: { id: name, sha256: "" } }));

// ride starts items and notes what becomes of each.
function ride(bundles, items) {
  return items.map((item) => {
    const seen = { made: "", sent: [], ...bundles.start(item, { made: (url) => { seen.made = url; }, progress: (sent) => seen.sent.push(sent) }) };
    seen.done.then((file) => { seen.file = file; }, (err) => { seen.err = err; });
    return seen;
  });
}

test("fifty files or 750 kB go in one request, and two requests at once", async () => {
  const { bundles, requests } = portal();
  const seen = ride(bundles, [...files(120), ...files(6, 200_000)]);
  await settle();
  assert.deepEqual(requests.map(({ names }) => names.length), [50, 50]);
  requests[0].progress(0, 7);
  requests[0].resolve(here(requests[0]));
  await settle();
  assert.deepEqual(requests.map(({ names }) => names.length), [50, 50, 23]);
  requests[1].resolve(here(requests[1]));
  await settle();
  assert.equal(requests[3].names.length, 3);
  assert.deepEqual(seen[0].sent, [7]);
  assert.deepEqual(seen[0].file, { id: "0", sha256: "" });
  assert.equal(seen[0].made, "/files/0");
  assert.equal(requests[0].loads[0].item.sum, "sum of 0");
});

test("one file goes by itself, and so does one that the portal has a part of", async () => {
  const { bundles, requests, singles } = portal();
  ride(bundles, files(1));
  await settle();
  assert.equal(requests.length, 0);
  singles[0].resolve({ id: "0" });
  const seen = ride(bundles, files(2));
  await settle();
  requests[0].resolve([{ url: "/files/half" }, here(requests[0])[1]]);
  await settle();
  assert.equal(seen[0].made, "/files/half");
  assert.equal(singles[1].item.name, "0");
  singles[1].resolve({ id: "whole" });
  await settle();
  assert.deepEqual([seen[0].file.id, seen[1].file.id], ["whole", "1"]);
});

test("those that go by themselves and are stopped make room for others", async () => {
  const { bundles, requests, singles } = portal();
  for (let i = 0; i < 3; i++) {
    const [seen] = ride(bundles, files(1));
    await settle();
    seen.stop();
    assert.equal(singles[i].stopped, true);
  }
  ride(bundles, files(2));
  await settle();
  assert.equal(requests.length, 1);
});

test("each has its own refusal", async () => {
  const { bundles, requests } = portal();
  const items = files(3);
  items[2].file.gone = true;
  const seen = ride(bundles, items);
  await settle();
  assert.equal(seen[2].err.verdict, "lost");
  requests[0].resolve([here(requests[0])[0], { refused: new Refused("Not that.") }]);
  await settle();
  assert.equal(seen[0].file.id, "0");
  assert.equal(seen[1].err.message, "Not that.");
});

test("one that is stopped ends the request, and the others go out again", async () => {
  const { bundles, requests } = portal();
  const seen = ride(bundles, files(4));
  await settle();
  assert.equal(requests[0].loads[1].item.out, true);
  seen[1].stop();
  seen[2].stop();
  await settle();
  assert.deepEqual(requests[1].names, ["0", "3"]);
  requests[1].resolve(here(requests[1]));
  await settle();
  assert.deepEqual(seen.map(({ file, err }) => file?.id ?? err), ["0", undefined, undefined, "3"]);
});

test("one that is stopped before its request is only left out", async () => {
  const { bundles, requests } = portal();
  const items = files(3);
  const seen = ride(bundles, items);
  seen[0].stop();
  await settle();
  assert.deepEqual(requests[0].names, ["1", "2"]);
  assert.equal(items[0].out, undefined);
});

test("a request that is lost is lost for all, one that is refused whole has each go alone", async () => {
  const { bundles, requests, singles } = portal();
  let seen = ride(bundles, files(2));
  await settle();
  requests[0].reject(new Refused("", { verdict: "lost" }));
  await settle();
  assert.deepEqual(seen.map(({ err }) => err.verdict), ["lost", "lost"]);
  seen = ride(bundles, files(3));
  await settle();
  requests[1].reject(new Refused("Too large for this proxy."));
  await settle();
  assert.deepEqual(singles.map(({ item }) => item.name), ["0", "1"]);
  singles[0].resolve({ id: "0" });
  singles[1].reject(new Refused("Too large."));
  await settle();
  assert.equal(singles[2].item.name, "2");
  assert.equal(seen[0].file.id, "0");
  assert.equal(seen[1].err.message, "Too large.");
});
