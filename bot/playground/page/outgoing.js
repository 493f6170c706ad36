/** What the person sends: shown at once as a bubble under way, with progress, then replaced by the
 *  message that the server made of it. One thing at a time, so that the order stays. What was not
 *  sent takes its place among the messages: what the connection lost goes by itself when it is
 *  back, and what the server refused would only be refused again. */

import * as api from "./api.js";
import { byId, el, icon } from "./dom.js";
import { mosaic, photoTile } from "./media.js";
import { texts } from "./texts.js";

const REFUSED = new Set([400, 413]);
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
  /** @param {{session: () => object, away: () => boolean, place: (message: object) => void,
   *           grew: () => void, newest: () => number,
   *           keep: (article: object, order: number) => void,
   *           release: (article: object, change: () => void) => void}} page */
  constructor(page) {
    this.page = page;
    this.queue = Promise.resolve();
    this.underWay = 0;
    this.held = [];
    this.lost = new Set(); // what sends again that which a lost connection kept here, in order
    this.connections = 0; // so many there were
    this.localUrls = new Map(); // message id → the picture as it was chosen
  }

  /** The connection is there, perhaps again. */
  connected() {
    this.connections += 1;
    for (const again of [...this.lost]) again();
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
    this.#send({ items, text: caption, replyTo, run });
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

  /** `urged` tries even where the connection is known to be lost. */
  #attempt(sending, article, bubble, urged = false) {
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
      const order = this.page.newest();
      try {
        if (abort.signal.aborted) throw new DOMException("cancelled", "AbortError");
        if (this.page.away() && !urged) throw new api.ApiError("", 0); // it waits with the others
        const result = await this.#run(sending, { onProgress: set, signal: abort.signal });
        article.remove();
        this.#arrived(sending, Array.isArray(result) ? result : [result]);
      } catch (error) {
        bubble.querySelector(".cancel, .meta")?.remove();
        if (error.name === "AbortError") article.remove();
        else this.#failed(sending, article, bubble, error, order);
      } finally {
        this.underWay -= 1;
        if (this.underWay === 0)
          for (const message of this.held.splice(0)) this.page.place(message);
      }
    });
  }

  /** Sends; once more where the connection was lost meanwhile, and is back already. */
  async #run(sending, options) {
    const { connections } = this;
    const session = this.page.session();
    try {
      if (!session) throw new api.ApiError("", 0); // there was no connection yet
      return await sending.run(session.chatId, options);
    } catch (error) {
      if (error.status !== 0 || connections === this.connections) throw error;
      return this.#run(sending, options);
    }
  }

  #arrived(sending, messages) {
    const photos = (sending.items ?? []).filter((item) => item.as === "photo");
    messages.forEach((message, i) => {
      if (photos[i]) this.localUrls.set(message.message_id, photos[i].url);
    });
    for (const message of messages) this.page.place(message);
  }

  #failed(sending, article, bubble, error, order) {
    const { items = [], text, replyTo } = sending;
    const lost = error.status === 0;
    const note = el("div", { class: "failed", role: "alert" });
    const again = (urged = false) => {
      this.lost.delete(again);
      note.remove();
      article.setAttribute("aria-label", texts.sending);
      this.page.release(article, () => byId("outgoing").append(article));
      if (urged) this.page.grew();
      this.#attempt(sending, article, bubble, urged);
    };
    const leave = () => {
      this.lost.delete(again);
      this.page.release(article, () => article.remove());
      for (const { url } of items) if (url) URL.revokeObjectURL(url);
    };
    const asFile = () => {
      leave();
      const files = items.map((item) => ({ ...item, as: "file" }));
      this.files(files, { caption: text, replyTo });
    };
    const offer = (label, onclick) => note.append(el("button", { type: "button", onclick }, label));
    const reason = error.message ? `${texts.notSent}: ${error.message}` : texts.notSent;
    note.append(el("span", {}, lost && this.page.away() ? texts.notSentYet : reason));
    if (error.status === 400 && items[0]?.as === "photo")
      offer(texts.sendAsFile(items.length), asFile);
    else if (!REFUSED.has(error.status)) offer(texts.retry, () => again(true));
    offer(texts.discard, leave);
    article.append(note);
    article.setAttribute("aria-label", texts.notSent);
    this.page.keep(article, order);
    if (lost) this.lost.add(again);
  }
}
