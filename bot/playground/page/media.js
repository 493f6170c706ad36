/** What a message carries besides text: photos, albums, files, videos, stickers, voice. */

import { fileUrl } from "./api.js";
import { el, icon } from "./dom.js";
import { texts } from "./texts.js";

const WANTED_SIDE = 640; // enough for a bubble on a dense screen
const SHOWABLE = new Set(["image/jpeg", "image/png", "image/webp", "image/gif"]);

const largest = (sizes) =>
  sizes.reduce((a, b) => (b.width * b.height > a.width * a.height ? b : a));

function fitting(sizes) {
  const big = sizes.filter((size) => Math.max(size.width, size.height) >= WANTED_SIDE);
  return big.length ? big.reduce((a, b) => (b.width < a.width ? b : a)) : largest(sizes);
}

/** A picture that stands for the message in a quote, or null. */
export function thumbnailUrl(message) {
  if (message.photo) return fileUrl(message.photo[0].file_id);
  const thumbnail = (message.document ?? message.video ?? message.animation)?.thumbnail;
  return thumbnail ? fileUrl(thumbnail.file_id) : null;
}

/** One line that stands for the message where there is no room for it. */
export function summary(message) {
  const text = message.text ?? message.caption;
  if (text) return text;
  if (message.photo) return message.media_group_id ? texts.album : texts.photo;
  if (message.animation) return texts.animation;
  if (message.document) return message.document.file_name ?? texts.file;
  if (message.video) return texts.video;
  if (message.sticker) return `${message.sticker.emoji ?? ""} ${texts.sticker}`.trim();
  if (message.voice) return texts.voice;
  return texts.unsupported;
}

export const readableSize = (bytes) => {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
};

/** A picture in a bubble: it takes its place before it has loaded. */
export function photoTile({ url, width, height, alt, onclick }) {
  const image = el("img", { src: url, alt, width, height, draggable: "false", decoding: "async" });
  const tile = el(
    onclick ? "button" : "div",
    {
      class: "photo",
      ...(onclick ? { type: "button", "aria-label": texts.openPhoto, onclick } : {}),
    },
    image,
  );
  tile.style.setProperty("--ratio", String(Math.min(Math.max(width / height, 0.45), 2.4)));
  return tile;
}

/** One's own photo shows as it was chosen until the server's copy is there: no flicker, and no
 *  picture of fifty megapixels held for a bubble. */
async function swapWhenLoaded(image, url, done) {
  const copy = new Image();
  copy.src = url;
  try {
    await copy.decode();
  } catch {
    return;
  }
  image.src = url;
  done();
}

function photo(message, context) {
  const size = fitting(message.photo);
  const url = fileUrl(size.file_id);
  const full = fileUrl(largest(message.photo).file_id);
  const local = context.localPhoto(message.message_id);
  const tile = photoTile({
    url: local ?? url,
    width: size.width,
    height: size.height,
    alt: message.caption ?? texts.photo,
    onclick: () => context.openPhoto(full),
  });
  if (local) {
    const forget = () => context.forgetLocal(message.message_id);
    swapWhenLoaded(tile.firstChild, url, forget);
  }
  return tile;
}

export function mosaic(tiles) {
  return el("div", { class: "mosaic", "data-count": String(tiles.length) }, ...tiles);
}

function file(document) {
  const { file_id: id, file_name: name = texts.file, file_size: size, mime_type: mime } = document;
  const preview = document.thumbnail
    ? el("img", { src: fileUrl(document.thumbnail.file_id), alt: "", class: "file-thumb" })
    : el("span", { class: "file-icon" }, icon("file"));
  const kind = SHOWABLE.has(mime) ? mime.slice(6).toUpperCase() : (mime ?? "");
  const detail = [size === undefined ? "" : readableSize(size), kind].filter(Boolean).join(" · ");
  return el(
    "a",
    { class: "file", href: fileUrl(id), download: name },
    preview,
    el("span", { class: "file-text" }, el("strong", { dir: "auto" }, name), el("span", {}, detail)),
  );
}

const player = (tag, media, label) =>
  el(tag, {
    class: "player",
    src: fileUrl(media.file_id),
    controls: true,
    preload: "metadata",
    "aria-label": label,
  });

/** The media of one message, or of the messages of an album; null where there is only text. */
export function media(messages, context) {
  const photos = messages.filter((message) => message.photo);
  if (photos.length > 1) return mosaic(photos.map((message) => photo(message, context)));
  if (photos.length === 1) return photo(photos[0], context);
  const files = messages.filter((message) => message.document && !message.animation);
  if (files.length) return el("div", { class: "files" }, ...files.map((m) => file(m.document)));
  const [message] = messages;
  if (message.animation) return player("video", message.animation, texts.animation);
  if (message.video) return player("video", message.video, texts.video);
  if (message.voice) return player("audio", message.voice, texts.voice);
  if (message.sticker) {
    const { file_id: id, emoji } = message.sticker;
    return el("img", {
      class: "sticker",
      src: fileUrl(id),
      alt: `${texts.sticker} ${emoji ?? ""}`,
    });
  }
  return message.text === undefined ? el("p", { class: "unsupported" }, texts.unsupported) : null;
}
