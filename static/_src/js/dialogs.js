// Dialogs: <dialog class="dialog" id="x" popover> and a button popovertarget="x".
// Without script the browser shows it as a popover; with script it becomes a
// modal dialog, which keeps the focus inside and gives it back.

function onClick(e) {
  const button = e.target.closest("[popovertarget]");
  if (button) {
    const dialog = document.getElementById(button.getAttribute("popovertarget"));
    if (!(dialog instanceof HTMLDialogElement)) return;
    e.preventDefault();
    if (button.getAttribute("popovertargetaction") === "hide") dialog.close();
    else openDialog(dialog);
    return;
  }
  // The backdrop belongs to the dialog element itself.
  if (e.target instanceof HTMLDialogElement && e.target.open) e.target.close();
}

export function openDialog(dialog) {
  if (dialog.open) return;
  if (dialog.matches(":popover-open")) dialog.hidePopover();
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("dialog:open"));
}

export function startDialogs() {
  document.addEventListener("click", onClick);
  // A form inside that htmx sends closes its dialog once the server agreed.
  document.addEventListener("htmx:afterRequest", (e) => {
    if (e.detail.successful && !e.target.hasAttribute?.("data-stay")) e.target.closest?.("dialog[open]")?.close();
  });
}
