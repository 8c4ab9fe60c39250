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

// walk yields what it finds in portions, so that a huge folder shows at once.
async function* walk(entries, found) {
  if (found.length > 0) yield found;
  const todo = entries.map((entry) => ({ entry, path: "" }));
  while (todo.length > 0) {
    const { entry, path } = todo.shift();
    if (entry.isFile) {
      const files = [await open(entry, path)];
      while (files.length < 200 && todo[0]?.entry.isFile) {
        const next = todo.shift();
        files.push(await open(next.entry, next.path));
      }
      yield files;
      continue;
    }
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

// readEntries gives at most a hundred at a time and an empty list at the end.
async function list(folder) {
  const reader = folder.createReader();
  const all = [];
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

// picked reads an <input type=file>, a folder picker keeps its paths.
export function picked(input) {
  const found = [...input.files].map((file) => ({ file, path: folderOf(file.webkitRelativePath) }));
  input.value = "";
  return found;
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
