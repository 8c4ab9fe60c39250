// What a failed request means for its file, told by the answer's status.

import { bytes, limit, num } from "../format.js";

// Refused is a failure with its words: one plain sentence, the request id, and
// what to do about it.
export class Refused extends Error {
  constructor(reason, { code = "", verdict = "refused", retryable = false, wait = 0 } = {}) {
    super(reason);
    Object.assign(this, { code, verdict, retryable, wait });
  }
}

const LATER = new Set([408, 409, 423, 425, 429, 500, 502, 503, 504]);

// judge returns
//   lost        nobody answered: the network, or the portal, is away
//   signed-out  the session of the browser has ended
//   token       the page's CSRF token is an old one
//   gone        the upload has expired or was discarded: start anew
//   batch       the batch takes no more files: open another
//   later       the same request may pass in a moment
//   refused     the portal does not take this file
export function judge(status, creating) {
  if (status === 0) return "lost";
  if (status === 401) return "signed-out";
  if (status === 403) return "token";
  if (!creating && (status === 404 || status === 410)) return "gone";
  if (creating && status === 409) return "batch";
  return LATER.has(status) ? "later" : "refused";
}

// backoff in milliseconds before try n, from 0: 1, 2, 4 … 30 s.
export const backoff = (n) => Math.min(30_000, 1000 * 2 ** Math.min(n, 5));

// retryAfter reads the header's seconds; a date, or nothing, is 0.
export const retryAfter = (text) => (/^\d{1,4}$/.test(text ?? "") ? Number(text) * 1000 : 0);

// tooBig tells size and limit so that they differ, even by one byte.
export function tooBig(size, max) {
  let has = bytes(size);
  let may = limit(max);
  if (has === bytes(max) || has === may) [has, may] = [`${num(size)} bytes`, `${num(max)} bytes`];
  return `This file is ${has}. The portal takes up to ${may} a file.`;
}

export const mismatch = (there, here) =>
  `The portal holds other bytes than this file: SHA-256 ${there.slice(0, 8)}… there, ${here.slice(0, 8)}… here. It broke on its way, or was changed while it was sent. Retry deletes what arrived and sends the file again.`;
