/** The sheet before sending: the chosen photos and files, a caption, compressed or not. */

import { examineAll, pickFiles } from "./attach.js";
import { byId, el, grow, icon } from "./dom.js";
import { readableSize } from "./media.js";
import { texts } from "./texts.js";

const ALBUM = 10; // Telegram's limit for one album
const CAPTION_LIMIT = 1024;

const chunks = (list, size) =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );

/** Photos by tens as albums, everything else one by one. */
function groups(items) {
  const photos = items.filter((item) => item.as === "photo");
  const others = items.filter((item) => item.as !== "photo");
  return [...chunks(photos, ALBUM), ...others.map((item) => [item])];
}

export class Preview {
  /** @param {(groups: object[][], caption: string) => void} send */
  constructor(send) {
    this.dialog = byId("preview");
    this.caption = byId("preview-caption");
    this.original = byId("preview-original");
    this.items = [];
    this.busy = Promise.resolve();
    byId("preview-cancel").addEventListener("click", () => this.dialog.close());
    byId("preview-add").addEventListener("click", pickFiles);
    this.dialog.addEventListener("close", () => this.#reset());
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close(); // the backdrop
    });
    this.original.addEventListener("change", () => this.#note());
    this.caption.addEventListener("input", () => {
      grow(this.caption);
      this.#note();
    });
    this.caption.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      byId("preview-form").requestSubmit();
    });
    byId("preview-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(send);
    });
  }

  /** Opens with these files, or adds them where the sheet is open already. */
  add(files, caption = "") {
    this.busy = this.busy.then(async () => {
      const items = await examineAll(files);
      if (!items.length) return;
      this.items.push(...items);
      if (!this.dialog.open) {
        this.caption.value = caption;
        this.dialog.showModal();
        this.caption.focus();
      }
      this.#draw();
    });
    return this.busy;
  }

  #asSent() {
    if (!this.original.checked) return this.items;
    return this.items.map((item) => (item.as === "photo" ? { ...item, as: "file" } : item));
  }

  #over() {
    return this.caption.value.trim().length - CAPTION_LIMIT;
  }

  #submit(send) {
    if (this.#over() > 0 || !this.items.length) return;
    send(groups(this.#asSent()), this.caption.value.trim());
    this.items = []; // their pictures are still shown in the chat
    this.dialog.close();
  }

  #reset() {
    for (const item of this.items) if (item.url) URL.revokeObjectURL(item.url);
    this.items = [];
    this.caption.value = "";
    this.original.checked = false;
    byId("preview-items").replaceChildren();
    grow(this.caption);
  }

  #remove(item) {
    if (item.url) URL.revokeObjectURL(item.url);
    this.items = this.items.filter((other) => other !== item);
    if (this.items.length) this.#draw();
    else this.dialog.close();
    this.caption.focus();
  }

  #draw() {
    const photos = this.items.filter((item) => item.as === "photo");
    byId("preview-title").textContent = texts.sendTitle(
      photos.length,
      this.items.length - photos.length,
    );
    byId("preview-original-row").hidden = photos.length === 0;
    const list = byId("preview-items");
    list.dataset.count = String(Math.min(this.items.length, 3));
    list.replaceChildren(...this.items.map((item) => this.#tile(item)));
    grow(this.caption);
    this.#note();
  }

  #tile(item) {
    const { file } = item;
    const shown = item.url
      ? el("img", { src: item.url, alt: file.name })
      : el(
          "div",
          { class: "file" },
          el("span", { class: "file-icon" }, icon("file")),
          el(
            "span",
            { class: "file-text" },
            el("strong", { dir: "auto" }, file.name),
            el("span", {}, readableSize(file.size)),
          ),
        );
    const remove = el(
      "button",
      {
        type: "button",
        class: "round small",
        "aria-label": texts.remove(file.name),
        onclick: () => this.#remove(item),
      },
      icon("close"),
    );
    return el("li", { class: item.url ? "shown" : "named" }, shown, remove);
  }

  #note() {
    const over = this.#over();
    const unseen = this.items.some((item) => item.as === "file" && /^image\//.test(item.file.type));
    byId("preview-send").disabled = over > 0;
    const words =
      over > 0 ? texts.tooLong(over) : over > -100 ? texts.left(-over) : unseen ? texts.asFile : "";
    if (byId("preview-note").textContent !== words) byId("preview-note").textContent = words;
  }
}
