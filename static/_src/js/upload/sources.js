// Where files come in on the page: pickers, drops on the whole window, paste.

import { plural } from "../format.js";
import { dropped, pasted, picked } from "./gather.js";

// startSources gives what it finds to add(found), in portions.
export function startSources(at, add) {
  for (const name of ["pick", "pick-folder"]) {
    const input = at(name);
    input.addEventListener("change", () => add(picked(input)));
  }
  at("folder").addEventListener("click", () => at("pick-folder").click());
  at("form").addEventListener("submit", (e) => e.preventDefault());
  document.addEventListener("paste", (e) => {
    const found = pasted(e.clipboardData);
    if (found.length === 0) return;
    e.preventDefault();
    add([found]);
  });
  startDrops(at, add);
}

// The whole window takes a drop; the zone says so.
function startDrops(at, add) {
  const zone = at("zone");
  const title = at("zone-title");
  const calm = title.textContent;
  const carriesFiles = (e) => e.dataTransfer?.types.includes("Files");
  const leave = () => {
    zone.classList.remove("over");
    title.textContent = calm;
  };
  window.addEventListener("dragover", (e) => {
    if (!carriesFiles(e)) return;
    e.preventDefault();
    e.dataTransfer.dropEffect = "copy";
    const n = [...e.dataTransfer.items].filter((item) => item.kind === "file").length;
    zone.classList.add("over");
    title.textContent = n > 0 ? `Let go to add ${plural(n, "file")}` : "Let go to add them";
  });
  window.addEventListener("dragleave", (e) => {
    if (!e.relatedTarget) leave();
  });
  window.addEventListener("drop", (e) => {
    if (!carriesFiles(e)) return;
    e.preventDefault();
    leave();
    add(dropped(e.dataTransfer));
  });
}
