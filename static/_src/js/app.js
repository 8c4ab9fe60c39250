// Everything the pages run: htmx, Alpine (its build without eval) and our parts.

import Alpine from "@alpinejs/csp";
import "htmx.org";
import { bulkList } from "./bulk.js";
import { startCopy } from "./copy.js";
import { startDialogs } from "./dialogs.js";
import { startKeys } from "./keys.js";
import { startMenus } from "./menus.js";
import { palette } from "./palette.js";
import { startRequests } from "./requests.js";
import { reveal } from "./reveal.js";
import { themeSwitch } from "./theme.js";
import { startTimes } from "./times.js";
import { startToasts } from "./toast.js";

Alpine.data("bulkList", bulkList);
Alpine.data("palette", palette);
Alpine.data("reveal", reveal);
Alpine.data("themeSwitch", themeSwitch);

startRequests();
startToasts();
startCopy();
startTimes();
startMenus();
startDialogs();
startKeys();
// In a task of its own: a slow telephone answers a tap in between.
setTimeout(() => Alpine.start());
