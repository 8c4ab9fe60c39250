import assert from "node:assert/strict";
import { test } from "node:test";
import { bytes, duration, left, limit, plural, relative } from "./format.js";
import { Rate } from "./upload/rate.js";

const table = (name, fn, rows) =>
  test(name, () => {
    for (const [want, ...args] of rows) assert.equal(fn(...args), want, JSON.stringify(args));
  });

table("sizes are decimal with three digits that count", bytes, [
  ["0 B", 0], ["999 B", 999], ["1.00 KB", 1000], ["612 KB", 612_000], ["2.41 MB", 2_410_000],
  ["48.2 MB", 48_200_000], ["100 MB", 99_960_000], ["1.00 GB", 999_600_000], ["3.92 GB", 3_920_000_000],
]);

table("limits are told as they were set", limit, [
  ["5 GiB", 5 * 2 ** 30], ["512 KiB", 512 * 1024], ["5.00 GB", 5e9], ["100 B", 100],
]);

table("durations", duration, [
  ["0.4 s", 0.4], ["32 s", 32], ["4 min 10 s", 250], ["2 h", 7200], ["2 h 5 min", 7500], ["3 d 4 h", 273600],
]);

table("time left is never less than a second", left, [["1 s", 0.2], ["9 s", 8.6], ["1 min", 60]]);

table("plural", plural, [["1 file", 1, "file"], ["1,204 files", 1204, "file"], ["999 files", 999, "file"], ["12,345,678 files", 12_345_678, "file"], ["0 files", 0, "file"]]);

test("relative times", () => {
  const now = new Date("2026-11-23T14:32:08Z");
  const at = (seconds) => relative(new Date(now.getTime() + seconds * 1000), now);
  assert.equal(at(0), "just now");
  assert.equal(at(-41), "41 s ago");
  assert.equal(at(-200), "3 min ago");
  assert.equal(at(-5 * 3600), "5 h ago");
  assert.equal(at(24 * 3600), "in 24 h");
  assert.equal(at(-3 * 86400), "3 d ago");
  assert.equal(at(-40 * 86400), "14 Oct 2026");
});

test("the speed is an average over the last seconds and needs a moment", () => {
  const rate = new Rate();
  rate.add(0, 0);
  rate.add(100, 200);
  assert.equal(rate.perSecond(200), 0);
  for (let t = 1000; t <= 20_000; t += 1000) rate.add(t * 10, t);
  assert.equal(Math.round(rate.perSecond(20_000)), 10_000);
  rate.clear();
  assert.equal(rate.perSecond(21_000), 0);
});
