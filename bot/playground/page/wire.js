/** The developers' drawer: the bot's calls of the Bot API for this chat, and the updates that were
 *  delivered to it, as they go over the wire. It follows them only while it is open and in view. */

import { follow } from "./api.js";
import { byId, el, icon } from "./dom.js";
import { texts } from "./texts.js";

const KEPT = 300; // lines on the page; the server keeps fewer
const LINE = 50; // letters of JSON in one line
const NARROW = matchMedia("(max-width: 900px)"); // there the drawer covers the chat: see wire.css
const clock = new Intl.DateTimeFormat([], {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
  hourCycle: "h23",
});

/** JSON with what is short on one line: a keyboard would fill the screen otherwise. */
function pretty(value, indent = "") {
  const flat = JSON.stringify(value);
  if (value === null || typeof value !== "object") return flat;
  if (indent.length + flat.length <= LINE) return flat;
  const deeper = `${indent} `;
  const named = (name) => (Array.isArray(value) ? "" : `${JSON.stringify(name)}: `);
  const items = Object.keys(value).map((key) => deeper + named(key) + pretty(value[key], deeper));
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${items.join(",\n")}\n${indent}${close}`;
}

const EVERYWHERE = new Set(["chat_id", "chat", "from", "date", "id", "message_id", "chat_instance"]);

/** What is particular about a line, short. */
function gist({ kind, body }) {
  const words = body.data ?? body.query ?? body.text ?? body.caption;
  if (kind === "update" && words !== undefined) return words;
  const rest = Object.entries(body).filter(([name]) => !EVERYWHERE.has(name));
  return JSON.stringify(Object.fromEntries(rest));
}

function part(title, text) {
  return [el("h3", {}, title), el("pre", {}, text)];
}

function lineOf(entry) {
  const call = entry.kind === "call";
  const failed = call && !entry.ok;
  const ends = !call ? texts.wire.update : failed ? entry.error : texts.wire.ok(ms(entry.took));
  const outcome = failed ? entry.error : pretty(entry.result);
  return el(
    "li",
    { class: `wire-line ${entry.kind}${failed ? " refused" : ""}` },
    el(
      "details",
      {},
      el(
        "summary",
        {},
        el(
          "span",
          { class: "wire-way", role: "img", "aria-label": call ? texts.wire.fromBot : texts.wire.toBot },
          icon(call ? "out" : "in"),
        ),
        el("strong", {}, entry.name),
        el("time", { datetime: new Date(entry.time * 1000).toISOString() }, at(entry)),
        el("span", { class: "wire-gist" }, el("span", { class: "wire-ends" }, ends), gist(entry)),
      ),
      ...part(texts.wire.parameters, pretty(entry.body)),
      ...(call ? part(texts.wire.result, outcome) : []),
    ),
  );
}

const ms = (seconds) => (seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0);
const at = (entry) => clock.format(new Date(entry.time * 1000));

export class Wire {
  /** @param {() => number | undefined} chat the chat of this tab, once there is one */
  constructor(chat) {
    this.chat = chat;
    this.drawer = byId("wire");
    this.list = byId("wire-lines");
    this.filter = byId("wire-filter");
    this.stream = null;
    byId("wire-open").addEventListener("click", () => this.#show(this.drawer.hidden));
    byId("wire-close").addEventListener("click", () => this.#show(false));
    this.drawer.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      if (event.target === this.filter && this.filter.value) return; // it empties the filter
      this.#show(false);
    });
    this.filter.addEventListener("input", () => this.#sift());
    NARROW.addEventListener("change", () => this.#cover());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.stream?.pause();
      else this.stream?.resume();
    });
  }

  #show(on) {
    if (on && !this.chat()) return; // nothing is connected yet
    this.drawer.hidden = !on;
    byId("wire-open").setAttribute("aria-expanded", String(on));
    document.body.classList.toggle("wired", on);
    this.#cover();
    if (on) {
      this.stream = follow(this.chat(), 0, { onEvent: (entry) => this.#take(entry) }, "wire");
      this.drawer.focus({ preventScroll: true });
    } else {
      this.stream.pause();
      this.stream = null;
      this.list.replaceChildren();
      byId("wire-open").focus();
    }
    this.#count();
  }

  /** What the drawer covers cannot be reached by keyboard either. */
  #cover() {
    const covered = !this.drawer.hidden && NARROW.matches;
    for (const part of document.querySelectorAll(".stage, .dock")) part.inert = covered;
  }

  #take(entry) {
    if (entry.kind === "forgotten") {
      this.list.replaceChildren();
      this.#count();
      return;
    }
    const { list } = this;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 24;
    const line = lineOf(entry);
    line.sought = JSON.stringify([entry.kind, entry.name, entry.error, entry.body, entry.result])
      .toLowerCase();
    line.hidden = !this.#fits(line);
    list.append(line);
    while (list.children.length > KEPT) list.firstChild.remove();
    if (atEnd) list.scrollTop = list.scrollHeight;
    this.#count();
  }

  #fits(line) {
    return line.sought.includes(this.filter.value.trim().toLowerCase());
  }

  #sift() {
    for (const line of this.list.children) line.hidden = !this.#fits(line);
    this.list.scrollTop = this.list.scrollHeight;
    this.#count();
  }

  #count() {
    const lines = [...this.list.children];
    const shown = lines.filter((line) => !line.hidden).length;
    byId("wire-count").textContent = texts.wire.shown(shown, lines.length);
  }
}
