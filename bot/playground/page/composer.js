/** The line at the bottom: writing, replying, editing, the menu of the bot's commands, and what the
 *  bot offers for words after its name (inline mode). */

import { byId, el, grow } from "./dom.js";
import { summary } from "./media.js";
import { nameOf } from "./bubbles.js";
import { announce } from "./notices.js";
import { texts } from "./texts.js";

const TEXT_LIMIT = 4096; // longer texts go as several messages, as in Telegram
const INLINE_PAUSE_MS = 300; // of not typing, before the bot is asked
const coarse = matchMedia("(pointer: coarse)");

function pieces(text) {
  const out = [];
  let rest = text;
  while (rest.length > TEXT_LIMIT) {
    const cut = Math.max(rest.lastIndexOf("\n", TEXT_LIMIT), rest.lastIndexOf(" ", TEXT_LIMIT));
    const at = cut > TEXT_LIMIT / 2 ? cut : TEXT_LIMIT;
    out.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return [...out, rest];
}

export class Composer {
  /**
   * @param {{text: (text: string, replyTo?: number) => void,
   *          change: (message: object, text: string) => void,
   *          inline: (words: string) => Promise<{label: string, detail: string,
   *                                              run: () => void}[]>}} actions
   */
  constructor(actions) {
    this.actions = actions;
    this.field = byId("field");
    this.list = byId("commands");
    this.commands = [];
    this.username = "";
    this.active = -1;
    this.replying = null;
    this.editing = null;
    this.field.addEventListener("input", () => this.#typed());
    for (const part of [this.field, this.list]) {
      part.addEventListener("keydown", (event) => this.#key(event));
      part.addEventListener("blur", () => setTimeout(() => this.#left(), 120));
    }
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    byId("menu").addEventListener("click", () => {
      const open = !this.list.hidden;
      this.field.focus();
      this.#offer(open ? [] : this.commands);
    });
    byId("menu").addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
    byId("context-close").addEventListener("click", () => this.#leave());
  }

  setBot({ commands = [], username = "" }) {
    const late = this.commands.length === 0;
    this.username = username;
    this.commands = commands.map(({ command, description }) => ({
      label: `/${command}`,
      detail: description,
      run: () => this.actions.text(`/${command}`),
    }));
    byId("menu").hidden = commands.length === 0;
    if (late && this.field.value.startsWith("/")) this.#typed(); // a slash came before them
  }

  focus() {
    if (!coarse.matches) this.field.focus({ preventScroll: true });
  }

  /** Takes the reply that is being written to (once): for texts and for photos alike. */
  takeReply() {
    const target = this.replying;
    if (target) this.#leave();
    return target?.message_id;
  }

  reply(message, placeholder) {
    this.#leave();
    this.replying = message;
    this.field.placeholder = placeholder || texts.message;
    this.#context(texts.replyTo(nameOf(message.from)), summary(message));
    this.field.focus();
  }

  edit(message) {
    this.#leave();
    this.editing = message;
    this.#context(texts.editing, summary(message));
    this.field.value = message.text ?? message.caption ?? "";
    grow(this.field);
    this.field.focus();
  }

  #context(title, snippet) {
    byId("context-title").textContent = title;
    byId("context-snippet").textContent = snippet;
    byId("context").hidden = false;
  }

  #leave() {
    if (this.editing) this.field.value = "";
    this.replying = null;
    this.editing = null;
    this.field.placeholder = texts.message;
    byId("context").hidden = true;
    grow(this.field);
  }

  #submit() {
    const text = this.field.value.trim();
    if (!text && !this.editing) return;
    if (this.editing) {
      this.actions.change(this.editing, text);
    } else {
      const replyTo = this.takeReply();
      for (const piece of pieces(text)) this.actions.text(piece, replyTo);
    }
    this.field.value = "";
    this.#leave();
    this.#offer([]);
    this.field.focus({ preventScroll: true });
  }

  #typed() {
    grow(this.field);
    const text = this.field.value;
    clearTimeout(this.asking);
    const name = `@${this.username} `;
    if (this.username && text.toLowerCase().startsWith(name)) {
      this.asking = setTimeout(() => this.#ask(text, text.slice(name.length)), INLINE_PAUSE_MS);
      return;
    }
    const start = /^\/\w*$/.exec(text);
    this.#offer(
      start ? this.commands.filter(({ label }) => label.startsWith(text.toLowerCase())) : [],
    );
  }

  /** Offers what the bot answers, unless something else has been typed meanwhile. */
  async #ask(text, words) {
    const offers = await this.actions.inline(words);
    if (this.field.value === text) this.#offer(offers, texts.offers);
  }

  #offer(offers, told = texts.offered) {
    this.offered = offers;
    this.active = -1;
    this.list.hidden = offers.length === 0;
    byId("menu").setAttribute("aria-expanded", String(offers.length > 0));
    for (const part of [this.field, this.list]) part.removeAttribute("aria-activedescendant");
    this.list.replaceChildren(
      ...offers.map((offer, i) =>
        el(
          "div",
          {
            id: `command-${i}`,
            role: "option",
            "aria-selected": "false",
            onpointerdown: (event) => event.preventDefault(),
            onclick: () => this.#run(offer),
          },
          el("strong", {}, offer.label),
          el("span", {}, offer.detail),
        ),
      ),
    );
    if (offers.length) announce(told(offers.length));
  }

  /** The list goes with the focus, which may be in it: a long one scrolls. */
  #left() {
    const { activeElement } = document;
    if (activeElement !== this.field && activeElement !== this.list) this.#offer([]);
  }

  #run(offer) {
    if (document.activeElement === this.list) this.field.focus();
    this.field.value = "";
    grow(this.field);
    this.#offer([]);
    offer.run();
  }

  #move(step) {
    const options = [...this.list.children];
    this.active =
      (this.active + step + options.length + (this.active < 0 && step < 0 ? 1 : 0)) %
      options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === this.active)));
    for (const part of [this.field, this.list])
      part.setAttribute("aria-activedescendant", options[this.active].id);
    options[this.active].scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    if (event.isComposing) return; // an input method is choosing characters
    const menu = !this.list.hidden;
    if (menu && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.#move(event.key === "ArrowDown" ? 1 : -1);
    } else if (menu && (event.key === "Enter" || event.key === "Tab") && this.active >= 0) {
      event.preventDefault();
      this.#run(this.offered[this.active]);
    } else if (event.key === "Escape") {
      if (event.target === this.list) this.field.focus();
      if (menu) this.#offer([]);
      else this.#leave();
    } else if (event.target === this.list) {
      return;
    } else if (event.key === "Enter" && !event.shiftKey && !coarse.matches) {
      event.preventDefault();
      this.#submit();
    }
  }
}
