// Bundles js/ and puts the pictures where the pages expect them: app.js for
// every page, upload.js beside it on the upload page, hasher.js for its worker.

import { copyFile, readFile } from "node:fs/promises";
import { build } from "esbuild";

// What an expression of Alpine must not reach. Alpine itself reads every global
// of the page before anything else can happen, three quarters of the time that
// our scripts take to start, and browsers warn of the deprecated ones.
function isGlobal(value) {
  if (typeof value === "function") return globalThis[value.name] === value;
  if (["[object Object]", "[object Array]"].includes(Object.prototype.toString.call(value))) return false;
  return Object.getOwnPropertyNames(globalThis).some((key) => {
    try {
      return globalThis[key] === value;
    } catch {
      return false;
    }
  });
}

const alpine = /@alpinejs\/csp\/dist\/module\.esm\.js$/;
const htmx = /htmx\.org\/dist\/htmx\.esm\.js$/;

// What libraries do at the start of every page without any use to us, or all at once.
const starts = [
  { of: alpine, what: /Object\.getOwnPropertyNames\(globalThis\)\.forEach\(.*?\n\}\);/s, by: `globals.has = ${isGlobal};` },
  // hx-on="…" is script inside of markup, which our pages do not have and our policy forbids.
  { of: htmx, what: "forEach(findHxOnWildcardElements(elt), processHxOnWildcard)", by: "" },
  // In a task of its own, as Alpine: a slow telephone answers a tap in between.
  { of: htmx, what: "addEventListener('DOMContentLoaded', fn)", by: "addEventListener('DOMContentLoaded', () => setTimeout(fn))" },
];

const leaner = {
  name: "leaner",
  setup: (b) => {
    for (const filter of [alpine, htmx]) {
      b.onLoad({ filter }, async ({ path }) => {
        let contents = await readFile(path, "utf8");
        for (const { what, by } of starts.filter((one) => one.of === filter)) {
          const before = contents;
          contents = before.replace(what, () => by);
          if (contents === before) throw new Error(`${path} has changed: ${what} is not in it`);
        }
        return { contents };
      });
    }
  },
};

await build({
  entryPoints: { app: "js/app.js", upload: "js/upload.js", hasher: "js/upload/hasher.js" },
  outdir: "..",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["chrome120", "firefox121", "safari17"],
  charset: "utf8",
  legalComments: "none",
  plugins: [leaner],
});

await copyFile("icons.svg", "../icons.svg");
await copyFile("mark.svg", "../mark.svg");
await copyFile("mark.svg", "../favicon.svg");
