// The conversation with the server. A failure is always
// a Refused: one plain sentence, the request id, and whether another try is
// worth it. hold says that the next file would fare no better right now.

import { meta } from "../dom.js";
import { bytes } from "../format.js";
import { sayProblem } from "../requests.js";

export class Refused extends Error {
  constructor(reason, { code = "", retryable = false, hold = "" } = {}) {
    super(reason);
    this.code = code;
    this.retryable = retryable;
    this.hold = hold; // "", "lost" (no answer) or "signed-out"
  }
}

// What the same file may pass at another time: the rest is a verdict on the file.
const LATER = new Set([0, 401, 403, 408, 425, 429, 500, 502, 503, 504]);

function refused(xhr) {
  const { text, code } = sayProblem(xhr);
  // A verdict on the file explains itself; only our own trouble is worth quoting.
  return new Refused(text, { code: xhr.status >= 500 ? code : "", retryable: LATER.has(xhr.status), hold: xhr.status === 401 ? "signed-out" : "" });
}

async function post(url, body) {
  const xhr = new XMLHttpRequest();
  xhr.open("POST", url);
  xhr.setRequestHeader("X-CSRF-Token", meta("csrf-token"));
  xhr.setRequestHeader("Accept", "application/json");
  if (body) xhr.setRequestHeader("Content-Type", "application/json");
  await new Promise((resolve) => {
    xhr.onloadend = resolve;
    xhr.send(body ? JSON.stringify(body) : null);
  });
  if (xhr.status >= 200 && xhr.status < 300) return answer(xhr);
  if (xhr.status === 0) throw new Refused("The portal did not answer. Check the connection and try again.", { retryable: true, hold: "lost" });
  throw refused(xhr);
}

// answer reads JSON. Anything else with a 2xx is a login page or a proxy talking.
function answer(xhr) {
  try {
    return JSON.parse(xhr.responseText);
  } catch {
    throw new Refused("The portal gave an answer this page does not understand. Reload the page and try again.", { retryable: true });
  }
}

export const openBatch = (root, label) => post(`${root}batches`, { label });

export const finaliseBatch = (root, id) => post(`${root}batches/${encodeURIComponent(id)}/finalise`);

// sendFile streams one file. It returns {done, abort}; onProgress gets the bytes sent.
export function sendFile(root, item, onProgress) {
  const query = new URLSearchParams({ batch: item.batch.id });
  if (item.path) query.set("path", item.path);
  const xhr = new XMLHttpRequest();
  xhr.open("PUT", `${root}files/${encodeURIComponent(item.name)}?${query}`);
  xhr.setRequestHeader("X-CSRF-Token", meta("csrf-token"));
  xhr.setRequestHeader("Accept", "application/json");
  xhr.setRequestHeader("Content-Type", item.file.type || "application/octet-stream");
  let sent = 0;
  xhr.upload.onprogress = (e) => {
    sent = e.loaded;
    onProgress(sent);
  };
  const done = new Promise((resolve, reject) => {
    xhr.onload = () => {
      if (xhr.status < 200 || xhr.status >= 300) {
        reject(refused(xhr));
        return;
      }
      try {
        resolve(answer(xhr));
      } catch (err) {
        reject(err);
      }
    };
    xhr.onerror = () => reject(new Refused(broken(sent), { retryable: true, hold: "lost" }));
    xhr.onabort = () => reject(new Refused("Cancelled.", { retryable: true }));
    xhr.send(item.file);
  });
  return { done, abort: () => xhr.abort() };
}

function broken(sent) {
  if (sent === 0) return "The file could not be sent. Check the connection, and that the file is still where it was, then retry.";
  return `The connection broke after ${bytes(sent)}. Retry sends it again from the start.`;
}
