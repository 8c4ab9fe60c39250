// Numbers, sizes, durations and times, in the same words as the server's pages.

const UNITS = ["B", "KB", "MB", "GB", "TB", "PB"];
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// num groups a whole number. toLocaleString would load the locales of the
// browser first: forty milliseconds on the first page.
export const num = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

export const plural = (n, one, many = `${one}s`) => `${num(n)} ${n === 1 ? one : many}`;

// bytes: decimal units, three digits that count: 612 KB, 2.41 MB, 1.37 GB.
export function bytes(n) {
  let value = Math.max(0, n);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return `${Math.round(value)} B`;
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

// limit: 5368709120 is "5 GiB"; what is no whole binary number is told as bytes() does.
export function limit(n) {
  let value = n;
  let unit = 0;
  while (value >= 1024 && value % 1024 === 0 && unit < BINARY.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit > 0 && value < 1024 ? `${num(value)} ${BINARY[unit]}` : bytes(n);
}

// duration of seconds: 0.4 s, 32 s, 4 min 10 s, 2 h 5 min, 3 d 4 h.
export function duration(seconds) {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return pair(Math.floor(s / 60), "min", s % 60, "s");
  if (s < 86400) return pair(Math.floor(s / 3600), "h", Math.floor((s % 3600) / 60), "min");
  return pair(Math.floor(s / 86400), "d", Math.floor((s % 86400) / 3600), "h");
}

// left is a duration to come: whole seconds, at least one.
export const left = (seconds) => duration(Math.max(1, Math.round(seconds))).replace(/\.0 s$/, " s");

function pair(a, unitA, b, unitB) {
  return b === 0 ? `${a} ${unitA}` : `${a} ${unitA} ${b} ${unitB}`;
}

// relative: "41 s ago", "in 24 h", "5 d ago", and from 30 days on the date.
export function relative(then, now = new Date()) {
  const seconds = (then - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 3) return "just now";
  if (size >= 30 * 86400) return `${then.getUTCDate()} ${MONTHS[then.getUTCMonth()]} ${then.getUTCFullYear()}`;
  return seconds < 0 ? `${span(size)} ago` : `in ${span(roundUp(size))}`;
}

// roundUp keeps "in 24 h" from becoming "in 23 h" a second later.
function roundUp(size) {
  const unit = size > 47 * 3600 ? 86400 : size > 59 * 60 ? 3600 : size > 59 ? 60 : 1;
  return Math.ceil(size / unit) * unit;
}

function span(size) {
  if (size < 60) return `${Math.floor(size)} s`;
  if (size < 3600) return `${Math.floor(size / 60)} min`;
  if (size < 48 * 3600) return `${Math.floor(size / 3600)} h`;
  return `${Math.floor(size / 86400)} d`;
}
