// Building markup from script. Text only ever goes in as text
// nodes, so a file name can never become markup.

const SVG = "http://www.w3.org/2000/svg";
const sprite = document.querySelector('meta[name="icons"]')?.content ?? "/static/icons.svg";

// h("p", {class: "x", "data-a": 1, hidden: false}, "text", node): false and null attributes are left out.
export function h(tag, attrs = {}, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(attrs)) {
    if (value === false || value === null || value === undefined) continue;
    el.setAttribute(key, value === true ? "" : String(value));
  }
  el.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false));
  return el;
}

export function icon(name, cls = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", cls ? `i ${cls}` : "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite}#i-${name}`);
  svg.append(use);
  return svg;
}

export function setIcon(svg, name) {
  svg?.querySelector("use")?.setAttribute("href", `${sprite}#i-${name}`);
}

// meta returns the content of <meta name=…>, or "".
export function meta(name) {
  return document.querySelector(`meta[name="${name}"]`)?.content ?? "";
}

// announce speaks a sentence through the page's polite live region.
export function announce(text) {
  const region = document.getElementById("live");
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}

// sameOrigin returns the address if it leads to this portal, else "".
export function sameOrigin(address) {
  try {
    const url = new URL(address, location.href);
    return url.origin === location.origin ? url.href : "";
  } catch {
    return "";
  }
}

// webAddress returns the address if it is http or https, else "".
export function webAddress(address) {
  try {
    const url = new URL(address, location.href);
    return /^https?:$/.test(url.protocol) ? url.href : "";
  } catch {
    return "";
  }
}
