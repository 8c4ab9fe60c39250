// Bundles js/app.js and puts the pictures where the pages expect them.

import { copyFile } from "node:fs/promises";
import { build } from "esbuild";

await build({
  entryPoints: ["js/app.js"],
  outfile: "../app.js",
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
