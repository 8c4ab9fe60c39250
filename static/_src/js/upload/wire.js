// The conversation with the portal: tus for files (tus-js-client), JSON for the
// rest. A failure is always a Refused (verdict.js).

import { Upload } from "tus-js-client";
import { meta } from "../dom.js";
import { sayProblem } from "../requests.js";
import { SMALL, randomKey } from "./item.js";
import { Refused, judge, retryAfter } from "./verdict.js";

const FILES = new URL("/files/", location.href).href;

// One request carries at most this: a proxy that buffers or limits bodies meets
// 64 MiB, and what a request brought is durable when it is answered.
const CHUNK = 64 * 1024 * 1024;

const AWAY = "The portal did not answer. Check the connection and try again.";

function refused(xhr, creating, declared) {
  const { text, code } = sayProblem(xhr);
  const { status } = xhr;
  return refusal(text, { status, code, verdict: judge(status, creating), wait: retryAfter(xhr.getResponseHeader("Retry-After")), declared });
}

// A verdict on the file explains itself; only our own trouble is worth quoting.
const refusal = (text, { status, code, verdict, wait, declared }) => new Refused(text, {
  code: status >= 500 ? code : "", verdict, wait, retryable: verdict !== "refused" || (status === 400 && Boolean(declared)),
});

const lost = () => new Refused(AWAY, { verdict: "lost", retryable: true });

// metadata as the portal reads it; see the package doc of adapters/api/tus.
function metadata({ file, name, path, batch, sum }) {
  const of = { filename: name, filetype: file.type || "application/octet-stream", lastModified: String(file.lastModified) };
  if (path) of.path = path;
  if (batch?.id) of.batch = batch.id;
  if (sum) of.sha256 = sum;
  return of;
}

function options(item) {
  return {
    uploadUrl: item.url || null, endpoint: item.url ? null : FILES,
    metadata: metadata(item), chunkSize: CHUNK, uploadDataDuringCreation: item.size <= SMALL,
    retryDelays: null, storeFingerprintForResuming: false, removeFingerprintOnSuccess: false,
    headers: { "X-CSRF-Token": meta("csrf-token"), "Idempotency-Key": item.key, Accept: "application/json" },
  };
}

// start sends a file, or what is missing of it. It returns {done, stop}: done
// gives {id, sha256} of the file there, stop ends it without a further word.
export function start(item, { made, progress }) {
  let upload;
  let creating = !item.url;
  item.out = true;
  const done = new Promise((resolve, reject) => {
    upload = new Upload(item.file, {
      ...options(item),
      onUploadUrlAvailable: () => {
        // Without an endpoint tus-js-client does not begin anew by itself when
        // the upload is not there any more: the queue decides.
        upload.options.endpoint = null;
        creating = false;
        made(upload.url);
      },
      onProgress: progress,
      onSuccess: ({ lastResponse }) => resolve({ id: lastResponse.getHeader("X-File-Id") ?? "", sha256: lastResponse.getHeader("X-File-Sha256") ?? "" }),
      onError: (err) => reject(err.originalResponse ? refused(err.originalResponse.getUnderlyingObject(), creating, item.sum) : lost()),
    });
    upload.start();
  });
  return { done, stop: () => upload.abort() };
}

// encoded is metadata as tus-js-client writes it: the portal compares what a
// file is asked for under its key.
const encoded = (item) => Object.entries(metadata(item)).map(([key, value]) => `${key} ${base64(value)}`).join(",");

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// layOut writes {item, bytes} of each file as multipart/mixed. Where its bytes
// begin in the body is in begins.
function layOut(loads, boundary) {
  const pieces = [];
  const begins = [];
  let at = 0;
  const put = (piece) => {
    pieces.push(piece);
    at += piece.length ?? piece.byteLength;
  };
  for (const { item, bytes } of loads) {
    put(`--${boundary}\r\nIdempotency-Key: ${item.key}\r\nUpload-Metadata: ${encoded(item)}\r\n\r\n`); // ASCII
    begins.push(at);
    put(bytes);
    put("\r\n");
  }
  put(`--${boundary}--\r\n`);
  return { body: new Blob(pieces), begins };
}

// told is what the answer says of one file: {url, file} of an upload that is
// there, file only when it is whole, or {refused}.
function told({ status, location: at, file_id: id, sha256, problem, retry_after: wait }, item) {
  if (status < 300) return { url: new URL(at, location.href).href, file: id && { id, sha256: sha256 ?? "" } };
  // The request was let in: what is forbidden is this file.
  const verdict = status === 401 || status === 403 ? "refused" : judge(status, true);
  return { refused: refusal(problem.detail, { status, code: problem.request_id, verdict, wait: (wait ?? 0) * 1000, declared: item.sum }) };
}

// sendTogether sends small files in one request. It returns {done, stop}: done
// gives what was told of each; progress(i, sent) is called for each as it goes
// out.
export function sendTogether(loads, progress) {
  const boundary = randomKey();
  const { body, begins } = layOut(loads, boundary);
  const xhr = new XMLHttpRequest();
  xhr.upload.onprogress = ({ loaded }) => loads.forEach(({ bytes }, i) => {
    const sent = Math.min(loaded - begins[i], bytes.byteLength);
    if (sent >= 0) progress(i, sent);
  });
  const done = ask("POST", `${FILES}bundle`, { "Tus-Resumable": "1.0.0", "Content-Type": `multipart/mixed; boundary=${boundary}` }, body, xhr).then(() => {
    if (xhr.status === 0) throw lost();
    if (xhr.status !== 200) throw refused(xhr, true);
    return parsed(xhr).uploads.map((one, i) => told(one, loads[i].item));
  });
  return { done, stop: () => xhr.abort() };
}

// withdraw ends an upload that was begun: its bytes go. One whose address is
// not known yet is asked for by its key first.
export async function withdraw(item) {
  const url = item.url || (await addressOf(item));
  // One that completes at this very moment is a file in a second, and deleted then.
  for (let tries = 0; url && tries < 5; tries++) {
    try {
      return await discard(url);
    } catch (err) {
      if (err.verdict !== "later") return;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

const addressOf = (item) => new Promise((resolve) => {
  const upload = new Upload(item.file, {
    ...options(item), uploadDataDuringCreation: false, onError: () => resolve(""),
    onUploadUrlAvailable: () => {
      upload.abort();
      resolve(upload.url);
    },
  });
  upload.start();
});

// discard terminates an upload; a complete one is a file, which is deleted.
export async function discard(url) {
  const answer = await ask("DELETE", url, { "Tus-Resumable": "1.0.0" });
  if (answer.status !== 404 && answer.status !== 410 && answer.status >= 400) throw refused(answer);
}

function ask(method, url, headers = {}, body = null, xhr = new XMLHttpRequest()) {
  return new Promise((resolve) => {
    xhr.open(method, url);
    for (const [name, value] of Object.entries({ "X-CSRF-Token": meta("csrf-token"), Accept: "application/json", ...headers })) xhr.setRequestHeader(name, value);
    xhr.onloadend = () => resolve(xhr);
    xhr.send(body);
  });
}

// json asks for JSON.
async function json(method, url, body, headers = {}) {
  const type = body ? { "Content-Type": "application/json" } : {};
  const xhr = await ask(method, url, { ...type, ...headers }, body ? JSON.stringify(body) : null);
  if (xhr.status === 0) throw lost();
  if (xhr.status < 200 || xhr.status >= 300) throw refused(xhr, true);
  return parsed(xhr);
}

// Anything but JSON with a 2xx is a login page or a proxy talking.
function parsed(xhr) {
  try {
    return JSON.parse(xhr.responseText);
  } catch {
    throw new Refused("Your session has ended. Sign in again.", { verdict: "signed-out", retryable: true });
  }
}

export const openBatch = (root, label, key) => json("POST", `${root}batches`, { label }, { "Idempotency-Key": key });

export const finaliseBatch = (root, id) => json("POST", `${root}batches/${encodeURIComponent(id)}/finalise`);

export const filesOfBatch = (root, id) => json("GET", `${root}batches/${encodeURIComponent(id)}/files`);

export const fileThere = (root, id) => json("GET", `${root}files/${encodeURIComponent(id)}`);

// alive asks whether anybody answers.
export async function alive() {
  if (navigator.onLine === false) return false;
  try {
    return (await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

// readable tells a file that is gone from a network that is.
export async function readable(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

// freshToken takes the CSRF token of a new sign-in from a fresh page.
export async function freshToken(root) {
  try {
    const answer = await fetch(root, { redirect: "error", cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector('meta[name="csrf-token"]')?.content;
    if (token) document.querySelector('meta[name="csrf-token"]').content = token;
    return Boolean(token);
  } catch {
    return false;
  }
}
