// The worker that hashes: {id, file} in, {id, sum} out; {id, cancel} ends one.
// Files are read in slices, so memory stays small whatever their size.
// {id, files, sums} reads small ones whole: {id, pack} out, [{sum, bytes}].

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

async function read(file, hashed) {
  try {
    const bytes = await file.arrayBuffer();
    return { sum: hashed ? bytesToHex(sha256(new Uint8Array(bytes))) : "", bytes };
  } catch {
    return { sum: "", bytes: null };
  }
}

self.onmessage = async ({ data: { id, file, files, sums, cancel } }) => {
  if (files) {
    const pack = await Promise.all(files.map((one) => read(one, sums)));
    self.postMessage({ id, pack }, pack.map(({ bytes }) => bytes).filter(Boolean));
    return;
  }
  if (cancel) {
    wanted.delete(id);
    return;
  }
  wanted.add(id);
  const sum = await hash(id, file).catch(() => "");
  if (wanted.delete(id)) self.postMessage({ id, sum });
};
