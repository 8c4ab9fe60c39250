// What the upload page runs beside app.js.

import { UploadPage } from "./upload/page.js";

const root = document.querySelector("[data-upload]");
if (root) new UploadPage(root).start();
