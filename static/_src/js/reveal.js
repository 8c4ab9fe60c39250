// Show and hide what is typed into a password field: x-data="reveal" around
// the field (x-ref="field") and its button.

import { setIcon } from "./dom.js";

export function reveal() {
  return {
    toggle(event) {
      const button = event.currentTarget;
      const show = this.$refs.field.type === "password";
      this.$refs.field.type = show ? "text" : "password";
      button.setAttribute("aria-pressed", String(show));
      setIcon(button.querySelector("svg"), show ? "eye-off" : "eye");
    },
  };
}
