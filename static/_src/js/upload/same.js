// Which unfinished upload a file continues.

import { bytes } from "../format.js";
import { keyOf } from "./item.js";

// match looks for the upload that a file continues: same folder, name and size.
// One whose file was changed since is none; then changed is true.
export function match(rows, item) {
  const same = rows.filter((row) => keyOf(row) === keyOf(item));
  const row = same.find(({ modified }) => !modified || modified === String(item.file.lastModified));
  return { row, changed: !row && same.length > 0 };
}

// notThis says why a file is not the one that is asked for; "" when it is.
export function notThis(row, file) {
  if (file.name !== row.name) return `That is ${file.name}. Pick ${row.name}, or drop the other file to upload it as a new one.`;
  if (file.size !== row.size) return `That file is ${bytes(file.size)}, this one was ${bytes(row.size)}: it is not the same. Drop it to upload it as a new one.`;
  if (row.modified && row.modified !== String(file.lastModified)) return "That file was changed since, so it cannot be continued. Drop it to upload it as a new one.";
  return "";
}
