/** One bubble: a message, or an album of messages, as elements. Drawing again after an edit only
 *  replaces the parts that differ, so pictures do not flicker. */

import { el, icon } from "./dom.js";
import { richText } from "./entities.js";
import { Keyboard } from "./keyboard.js";
import { media, summary, thumbnailUrl } from "./media.js";
import { texts } from "./texts.js";

const clock = new Intl.DateTimeFormat([], { hour: "numeric", minute: "2-digit" });
export const timeOf = (message) => clock.format(new Date(message.date * 1000));

export const nameOf = (user) =>
  user ? [user.first_name, user.last_name].filter(Boolean).join(" ") : "";

function senderLine(message, context) {
  return context.isGroup && !context.isOwn(message)
    ? el("p", { class: "sender", dir: "auto" }, nameOf(message.from))
    : null;
}

function forwardLine(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const name = nameOf(origin.sender_user) || origin.sender_user_name || origin.chat?.title;
  return el("p", { class: "forwarded", dir: "auto" }, texts.forwarded(name));
}

function quote(message, context) {
  const target = message.reply_to_message;
  if (!target) return null;
  const picture = thumbnailUrl(target);
  const name = context.isOwn(target) ? texts.you : nameOf(target.from);
  return el(
    "button",
    {
      type: "button",
      class: "quote",
      title: texts.goTo,
      onclick: () => context.goTo(target.message_id),
    },
    picture && el("img", { src: picture, alt: "", width: 38, height: 38 }),
    el(
      "span",
      { class: "quote-text" },
      el("strong", { dir: "auto" }, name),
      el("span", { dir: "auto" }, summary(target)),
    ),
  );
}

function words(messages, context) {
  const message = messages.find((m) => m.text ?? m.caption);
  if (!message) return null;
  const entities = message.entities ?? message.caption_entities ?? [];
  const text = message.text ?? message.caption;
  return el("div", { class: "text", dir: "auto" }, richText(text, entities, context));
}

function foot(messages, context) {
  const [first] = messages;
  const own = context.isOwn(first);
  const edited = own && messages.some((message) => message.edit_date);
  return el(
    "span",
    { class: "meta" },
    edited ? el("span", {}, texts.edited) : null,
    el("time", { datetime: new Date(first.date * 1000).toISOString() }, timeOf(first)),
    own ? icon("check") : null,
  );
}

/** Name, the values it is drawn from, and how: in the order of the bubble. */
const PARTS = [
  ["sender", ([m]) => [m.from], ([m], context) => senderLine(m, context)],
  ["forward", ([m]) => [m.forward_origin], ([m]) => forwardLine(m)],
  ["quote", ([m]) => [m.reply_to_message], ([m], context) => quote(m, context)],
  [
    "media",
    (all) =>
      all.map((m) => [
        m.photo,
        m.document,
        m.video,
        m.animation,
        m.sticker,
        m.voice,
        m.text === undefined,
      ]),
    media,
  ],
  [
    "words",
    (all) => all.map((m) => [m.text ?? m.caption, m.entities ?? m.caption_entities]),
    words,
  ],
  ["foot", (all) => all.map((m) => [m.date, m.edit_date]), foot],
];

function tools(entry, context) {
  const message = () => entry.messages[0];
  const box = el(
    "div",
    { class: "tools" },
    el(
      "button",
      {
        type: "button",
        class: "round small",
        "aria-label": texts.reply,
        title: texts.reply,
        onclick: () => context.reply(message()),
      },
      icon("reply"),
    ),
  );
  if (context.isOwn(message())) {
    const edit = () => context.edit(entry.messages.find((m) => m.text ?? m.caption) ?? message());
    box.append(
      el(
        "button",
        {
          type: "button",
          class: "round small",
          "aria-label": texts.edit,
          title: texts.edit,
          onclick: edit,
        },
        icon("edit"),
      ),
    );
  }
  return box;
}

/** A bubble in the conversation; `messages` has more than one member for an album. */
export class Bubble {
  constructor(message, context) {
    this.messages = [message];
    this.context = context;
    this.slots = new Map();
    this.keys = {};
    this.bubble = el("div", { class: "bubble" });
    this.keyboard = new Keyboard({
      tap: (data) => context.tap(this.messages[0].message_id, data),
      copy: context.copy,
    });
    this.article = el(
      "article",
      { class: `message ${context.isOwn(message) ? "own" : "theirs"}` },
      el("div", { class: "stack" }, this.bubble, this.keyboard.node, tools(this, context)),
    );
    this.#showsTools();
  }

  /** Without a mouse the tools beside the bubble show after a tap on it. */
  #showsTools() {
    this.bubble.addEventListener("click", (event) => {
      if (event.target.closest("button, a, [role=button], .pre")) return;
      const active = this.article.classList.contains("active");
      document.querySelector(".message.active")?.classList.remove("active");
      this.article.classList.toggle("active", !active);
    });
  }

  get order() {
    return this.messages[0].message_id;
  }

  /** Takes in a message, new or edited. An older state than the one shown is passed over. */
  take(message) {
    const at = this.messages.findIndex((m) => m.message_id === message.message_id);
    if (at < 0) this.messages.push(message);
    else if ((message.edit_date ?? 0) >= (this.messages[at].edit_date ?? 0))
      this.messages[at] = message;
    this.messages.sort((a, b) => a.message_id - b.message_id);
    this.draw();
  }

  drop(messageId) {
    this.messages = this.messages.filter((message) => message.message_id !== messageId);
    if (this.messages.length) this.draw();
  }

  draw() {
    const { messages, context } = this;
    const [first] = messages;
    this.article.dataset.id = String(first.message_id);
    const who = context.isOwn(first) ? texts.you : nameOf(first.from);
    this.article.setAttribute("aria-label", `${who}, ${timeOf(first)}`);
    for (const [name, inputs, build] of PARTS) {
      const key = JSON.stringify(inputs(messages));
      if (this.keys[name] === key) continue;
      this.keys[name] = key;
      this.slots.set(name, build(messages, context));
    }
    const nodes = [...this.slots.values()].filter(Boolean);
    for (const child of [...this.bubble.children]) if (!nodes.includes(child)) child.remove();
    nodes.forEach((node, i) => {
      if (this.bubble.children[i] !== node)
        this.bubble.insertBefore(node, this.bubble.children[i] ?? null);
    });
    this.bubble.classList.toggle(
      "with-media",
      Boolean(this.slots.get("media")?.matches(".photo, .mosaic, video")),
    );
    this.bubble.classList.toggle("bare", !this.slots.get("words"));
    this.bubble.classList.toggle(
      "only-sticker",
      Boolean(this.slots.get("media")?.matches(".sticker")),
    );
    this.article.classList.toggle(
      "with-keyboard",
      Boolean(first.reply_markup?.inline_keyboard?.length),
    );
    this.keyboard.show(first.reply_markup);
  }
}
