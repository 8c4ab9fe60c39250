// One file on its way. States:
//
//   queued → uploading → hashing → stored
//        ↘ paused   ↘ waiting (network) → queued
//   failed, cancelled → queued (retry) · skipped: it was here already

import { Rate } from "./rate.js";

// SMALL files are made and filled by one request, with others (bundle.js), and
// hashed before it, so that the portal refuses what arrives changed. Bigger ones
// are made first: then what was sent before a break is kept. The portal's
// adapters/api/tus/bundle.go knows the same number.
export const SMALL = 256 * 1024;

export const MOVING = new Set(["uploading", "hashing"]);

export const noCounts = () =>
  ({ queued: 0, uploading: 0, hashing: 0, waiting: 0, paused: 0, stored: 0, failed: 0, cancelled: 0, skipped: 0 });

export function newItem(index, { file, path, name, unreadable }) {
  return {
    index, file, name: file?.name ?? name, path, size: file?.size ?? 0, unreadable,
    state: "queued", sent: 0, rate: new Rate(), tries: 0, reason: "", code: "", note: "", retryable: true,
    batch: null, // {id, url, status}
    url: "", // of the upload, once it is made
    key: "", // Idempotency-Key of its making
    out: false, // a request with this key went out
    rides: false, // it goes with others, while it moves
    alone: false, // it is not to ride with others again
    sum: "", // SHA-256 of the file here, while and when known
    result: null, // {id, sha256} of the file there
  };
}

// keyOf tells files apart as a person does: by folder, name and size.
export const keyOf = ({ path, name, size }) => `${path ?? ""}\n${name}\n${size}`;

// randomKey works on plain http too, where there is no crypto.randomUUID.
export function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}

// forget makes an item start anew: nothing of an earlier try is used.
export function forget(item) {
  Object.assign(item, { url: "", key: "", out: false, sent: 0 });
}
