// The worker that hashes: {id, file} in, {id, sum} out; {id, cancel} ends one.
// Files are read in slices, so memory stays small whatever their size.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const SLICE = 2 * 1024 * 1024;
const wanted = new Set();

async function hash(id, file) {
  const sum = sha256.create();
  for (let at = 0; at < file.size; at += SLICE) {
    sum.update(new Uint8Array(await file.slice(at, at + SLICE).arrayBuffer()));
    if (!wanted.has(id)) return "";
  }
  return bytesToHex(sum.digest());
}

self.onmessage = async ({ data: { id, file, cancel } }) => {
  if (cancel) {
    wanted.delete(id);
    return;
  }
  wanted.add(id);
  const sum = await hash(id, file).catch(() => "");
  if (wanted.delete(id)) self.postMessage({ id, sum });
};
