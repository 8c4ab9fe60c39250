// Where files come from: a drop (with folders), a picker, the clipboard.
// Each is told as {file, path}: path is the folder inside what was dropped,
// "" at its top. One that cannot be read is {name, path, unreadable: true}.

// dropped must be called inside the drop event: afterwards the browser has
// taken the list away. The walk itself may take as long as it needs.
export function dropped(transfer) {
  const entries = [];
  const plain = [];
  for (const item of transfer.items ?? []) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry?.();
    if (entry) entries.push(entry);
    else plain.push(item.getAsFile());
  }
  if (entries.length === 0 && plain.length === 0) plain.push(...(transfer.files ?? []));
  return walk(entries, plain.filter(Boolean).map((file) => ({ file, path: "" })));
}

// PORTION is how many files are told at once: adding them takes a few
// milliseconds, and the page can paint in between.
const PORTION = 250;

// walk yields what it finds in portions, so that a huge folder shows at once.
async function* walk(entries, found) {
  if (found.length > 0) yield found;
  const todo = entries.map((entry) => ({ entry, path: "" }));
  while (todo.length > 0) {
    if (todo[0].entry.isFile) {
      let n = 1;
      while (n < PORTION && todo[n]?.entry.isFile) n++;
      yield await Promise.all(todo.splice(0, n).map(({ entry, path }) => open(entry, path)));
      continue;
    }
    const { entry, path } = todo.shift();
    const inside = path === "" ? entry.name : `${path}/${entry.name}`;
    todo.unshift(...(await list(entry)).map((child) => ({ entry: child, path: inside })));
  }
}

function open(entry, path) {
  return new Promise((resolve) => {
    entry.file(
      (file) => resolve({ file, path }),
      () => resolve({ name: entry.name, path, unreadable: true }),
    );
  });
}

// inOrder loads the browser's locales, so not before there is something to sort.
function inOrder() {
  const order = new Intl.Collator(undefined, { numeric: true });
  return (a, b) => order.compare(a.name, b.name);
}

// readEntries gives at most a hundred at a time, in any order, and an empty list
// at the end.
async function list(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) return all.sort(inOrder());
    all.push(...some);
  }
}

// picked reads an <input type=file>, a folder picker keeps its paths.
export function* picked(input) {
  const files = [...input.files];
  input.value = "";
  for (let from = 0; from < files.length; from += PORTION) {
    yield files.slice(from, from + PORTION).map((file) => ({ file, path: folderOf(file.webkitRelativePath) }));
  }
}

function folderOf(relative) {
  const cut = (relative ?? "").lastIndexOf("/");
  return cut < 0 ? "" : relative.slice(0, cut);
}

// pasted names a picture from the clipboard by its time: browsers call all of them image.png.
export function pasted(clipboard) {
  return [...(clipboard?.files ?? [])].map((file) => {
    if (file.name !== "image.png") return { file, path: "" };
    const stamp = new Date().toISOString().slice(0, 19).replace("T", "-").replaceAll(":", "");
    return { file: new File([file], `pasted-${stamp}.png`, { type: file.type }), path: "" };
  });
}
