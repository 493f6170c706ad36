/** The line at the bottom: writing, replying, editing, and the menu of the bot's commands. */

import { byId, el, grow } from "./dom.js";
import { summary } from "./media.js";
import { nameOf } from "./bubbles.js";
import { announce } from "./notices.js";
import { texts } from "./texts.js";

const TEXT_LIMIT = 4096; // longer texts go as several messages, as in Telegram
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
   *          change: (message: object, text: string) => void}} actions
   */
  constructor(actions) {
    this.actions = actions;
    this.field = byId("field");
    this.list = byId("commands");
    this.commands = [];
    this.active = -1;
    this.replying = null;
    this.editing = null;
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("blur", () => setTimeout(() => this.#offer([]), 120));
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

  setCommands(commands) {
    this.commands = commands;
    byId("menu").hidden = commands.length === 0;
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
    const start = /^\/(\w*)$/.exec(this.field.value);
    this.#offer(
      start ? this.commands.filter((c) => c.command.startsWith(start[1].toLowerCase())) : [],
    );
  }

  #offer(commands) {
    this.offered = commands;
    this.active = -1;
    this.list.hidden = commands.length === 0;
    byId("menu").setAttribute("aria-expanded", String(commands.length > 0));
    this.field.removeAttribute("aria-activedescendant");
    this.list.replaceChildren(
      ...commands.map((command, i) =>
        el(
          "div",
          {
            id: `command-${i}`,
            role: "option",
            "aria-selected": "false",
            onpointerdown: (event) => event.preventDefault(),
            onclick: () => this.#run(command),
          },
          el("strong", {}, `/${command.command}`),
          el("span", {}, command.description),
        ),
      ),
    );
    if (commands.length) announce(texts.offered(commands.length));
  }

  #run(command) {
    this.field.value = "";
    grow(this.field);
    this.#offer([]);
    this.actions.text(`/${command.command}`);
  }

  #move(step) {
    const options = [...this.list.children];
    this.active =
      (this.active + step + options.length + (this.active < 0 && step < 0 ? 1 : 0)) %
      options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === this.active)));
    this.field.setAttribute("aria-activedescendant", options[this.active].id);
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
      if (menu) this.#offer([]);
      else this.#leave();
    } else if (event.key === "Enter" && !event.shiftKey && !coarse.matches) {
      event.preventDefault();
      this.#submit();
    }
  }
}
