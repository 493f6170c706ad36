/** Ways for a file into the chat: the picker, a drop anywhere on the page, a paste. Decides what
 *  each file is sent as; what the browser cannot show goes as a file. */

import { byId } from "./dom.js";
import { toast } from "./notices.js";
import { texts } from "./texts.js";

const PHOTO_TYPES = new Set(["image/jpeg", "image/png", "image/webp"]);

async function picture(file) {
  const url = URL.createObjectURL(file);
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
    return { url, width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    URL.revokeObjectURL(url);
    return null;
  }
}

/** @returns {Promise<{file: File, as: string, url?: string, width?: number, height?: number}>} */
async function examine(file) {
  if (PHOTO_TYPES.has(file.type)) {
    const shown = await picture(file);
    return shown ? { file, as: "photo", ...shown } : { file, as: "file" };
  }
  if (file.type === "image/gif") return { file, as: "animation" };
  if (file.type === "video/mp4") return { file, as: "video" };
  return { file, as: "file" };
}

/** Looks at files one after another: ten photos decoded at once would stall a phone. */
export async function examineAll(files) {
  const items = [];
  for (const file of files) {
    if (file.size === 0) toast(texts.empty(file.name));
    else items.push(await examine(file));
  }
  return items;
}

const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** @param {(files: File[]) => void} take called with what the person chose, dropped or pasted */
export function listenForFiles(take) {
  const picker = byId("picker");
  const zone = byId("dropzone");
  let depth = 0; // dragenter and dragleave come for every element on the way

  picker.addEventListener("change", () => {
    if (picker.files.length) take([...picker.files]);
    picker.value = ""; // choosing the same file again is a change again
  });

  const show = (on) => (zone.hidden = !on);
  addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    depth += 1;
    show(true);
  });
  addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (depth === 0) show(false);
  });
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
  });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    show(false);
    take([...event.dataTransfer.files]);
  });

  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    take(files);
  });
}

export const pickFiles = () => byId("picker").click();
