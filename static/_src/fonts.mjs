// Cuts the fonts down to what the pages write: Latin as Europe writes it, with
// the punctuation and signs of the product, in weights from regular to bold.
// Other scripts, in names of files, come from the system's fonts.

import { readFile, writeFile } from "node:fs/promises";
import subsetFont from "subset-font";

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)).join("");

const ascii = range(0x20, 0x7e);
const latin1 = range(0xa0, 0xff);
const europe = range(0x100, 0x17f) + range(0x218, 0x21b) + range(0x2bb, 0x2dd);
const signs = range(0x2010, 0x2027) + range(0x2030, 0x203a) + "⁄₂€™−≈≠≤≥←↑→↓↗↘⌘⏎";

for (const [name, text] of [["inter", ascii + latin1 + europe + signs], ["jetbrains-mono", ascii + latin1 + "–—‘’“”…→←•×−"]]) {
  const font = await readFile(`fonts/${name}.woff2`);
  await writeFile(`../fonts/${name}.woff2`, await subsetFont(font, text, { targetFormat: "woff2", variationAxes: { wght: { min: 400, max: 700 } } }));
}
