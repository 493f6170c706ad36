/** What the person sends: shown at once as a bubble under way, with progress, then replaced by the
 *  message that the server made of it. One thing at a time, so that the order stays. */

import * as api from "./api.js";
import { byId, el, icon } from "./dom.js";
import { mosaic, photoTile } from "./media.js";
import { texts } from "./texts.js";

const RING = 2 * Math.PI * 20;

function ring() {
  const circle = icon("ring");
  circle.style.strokeDasharray = String(RING);
  const set = (part) => {
    circle.style.strokeDashoffset = String(RING * (1 - Math.max(part, 0.04)));
  };
  set(0);
  return { holder: el("span", { class: "ring" }, circle), set };
}

function contents(sending) {
  const { items = [], text } = sending;
  const tiles = items
    .filter((item) => item.as === "photo")
    .map((item) =>
      photoTile({ url: item.url, width: item.width, height: item.height, alt: item.file.name }),
    );
  const files = items
    .filter((item) => item.as !== "photo")
    .map((item) =>
      el(
        "span",
        { class: "file" },
        el("span", { class: "file-icon" }, icon("file")),
        el("span", { class: "file-text" }, el("strong", { dir: "auto" }, item.file.name)),
      ),
    );
  return [
    tiles.length > 1 ? mosaic(tiles) : (tiles[0] ?? null),
    files.length ? el("div", { class: "files" }, ...files) : null,
    text ? el("div", { class: "text", dir: "auto" }, text) : null,
  ].filter(Boolean);
}

export class Outgoing {
  /** @param {{session: () => object, place: (message: object) => void, grew: () => void}} page */
  constructor(page) {
    this.page = page;
    this.queue = Promise.resolve();
    this.underWay = 0;
    this.held = [];
    this.localUrls = new Map(); // message id → the picture as it was chosen
  }

  localPhoto(messageId) {
    return this.localUrls.get(messageId) ?? null;
  }

  forgetLocal(messageId) {
    URL.revokeObjectURL(this.localUrls.get(messageId));
    this.localUrls.delete(messageId);
  }

  /** The server tells us of our own messages too, perhaps before it has answered the sending: they
   *  wait until then, so that no message stands there twice. */
  hold(message) {
    if (this.underWay === 0) return false;
    this.held.push(message);
    return true;
  }

  text(text, replyTo) {
    this.#send({ text, replyTo, run: (chat) => api.sendText(chat, text, replyTo) });
  }

  /** @param {object[]} items of one kind (`as`), see attach.js */
  files(items, { caption, replyTo }) {
    const kind = items[0].as;
    const parts = {
      files: items.map((item) => item.file),
      asFile: kind === "file",
      kind: kind === "photo" || kind === "file" ? undefined : kind,
      caption,
      replyTo,
    };
    const run = (chat, options) => api.sendFiles(chat, parts, options);
    this.#send({ items, text: caption, run });
  }

  #send(sending) {
    const bubble = el("div", { class: "bubble" }, ...contents(sending));
    const article = el(
      "article",
      { class: "message own under-way", "aria-label": texts.sending },
      bubble,
    );
    if (bubble.querySelector(".photo, .mosaic")) bubble.classList.add("with-media");
    bubble.classList.toggle("bare", !sending.text);
    byId("outgoing").append(article);
    this.page.grew();
    this.#attempt(sending, article, bubble);
  }

  #attempt(sending, article, bubble) {
    const abort = new AbortController();
    const { holder, set } = ring();
    const stop = el(
      "button",
      {
        type: "button",
        class: "cancel",
        "aria-label": texts.cancelUpload,
        onclick: () => abort.abort(),
      },
      holder,
      icon("close"),
    );
    if (sending.items) bubble.append(stop);
    else bubble.append(el("span", { class: "meta" }, icon("clock")));
    this.underWay += 1;
    this.queue = this.queue.then(async () => {
      try {
        if (abort.signal.aborted) throw new DOMException("cancelled", "AbortError");
        const options = { onProgress: set, signal: abort.signal };
        const result = await sending.run(this.page.session().chatId, options);
        article.remove();
        this.#arrived(sending, Array.isArray(result) ? result : [result]);
      } catch (error) {
        bubble.querySelector(".cancel, .meta")?.remove();
        if (error.name === "AbortError") article.remove();
        else this.#failed(sending, article, bubble, error);
      } finally {
        this.underWay -= 1;
        if (this.underWay === 0)
          for (const message of this.held.splice(0)) this.page.place(message);
      }
    });
  }

  #arrived(sending, messages) {
    const photos = (sending.items ?? []).filter((item) => item.as === "photo");
    messages.forEach((message, i) => {
      if (photos[i]) this.localUrls.set(message.message_id, photos[i].url);
    });
    for (const message of messages) this.page.place(message);
  }

  #failed(sending, article, bubble, error) {
    const note = el("div", { class: "failed", role: "alert" });
    const again = () => {
      note.remove();
      this.#attempt(sending, article, bubble);
    };
    note.append(
      el("span", {}, error.message ? `${texts.notSent}: ${error.message}` : texts.notSent),
      el("button", { type: "button", onclick: again }, texts.retry),
      el("button", { type: "button", onclick: () => article.remove() }, texts.discard),
    );
    article.append(note);
    this.page.grew();
  }
}
