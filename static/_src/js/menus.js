// details.drop menus: one open at a time, closed by Esc, a click outside or a
// choice, walked with the arrow keys. Without script they are plain details.

const items = (drop) => [...drop.querySelectorAll(".menu a, .menu button")].filter((el) => !el.disabled);

function close(drop, focus) {
  drop.open = false;
  if (focus) drop.querySelector("summary").focus();
}

function onKey(e) {
  const drop = e.target.closest?.("details.drop[open]");
  if (!drop) return;
  if (e.key === "Escape") {
    e.preventDefault();
    e.stopPropagation();
    close(drop, true);
    return;
  }
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (!(e.key in steps)) return;
  const list = items(drop);
  if (list.length === 0) return;
  e.preventDefault();
  const at = list.indexOf(document.activeElement);
  const next = at < 0 && e.key === "ArrowUp" ? list.length - 1 : at + steps[e.key];
  list[(next + list.length) % list.length].focus();
}

export function startMenus() {
  document.addEventListener("click", (e) => {
    for (const drop of document.querySelectorAll("details.drop[open]")) {
      const chosen = e.target.closest(".menu a, .menu button");
      // What opens a dialog hands the focus to the menu, which gets it back.
      if (!drop.contains(e.target)) close(drop, false);
      else if (chosen) close(drop, chosen.hasAttribute("popovertarget"));
    }
  });
  document.addEventListener("keydown", onKey, true);
}
