// Bundles js/ and puts the pictures where the pages expect them: app.js for
// every page, upload.js beside it on the upload page, hasher.js for its worker.

import { copyFile } from "node:fs/promises";
import { build } from "esbuild";

await build({
  entryPoints: { app: "js/app.js", upload: "js/upload.js", hasher: "js/upload/hasher.js" },
  outdir: "..",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome120", "firefox121", "safari17"],
  charset: "utf8",
  legalComments: "none",
});

await copyFile("icons.svg", "../icons.svg");
await copyFile("mark.svg", "../mark.svg");
await copyFile("mark.svg", "../favicon.svg");
