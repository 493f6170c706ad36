/** The list of bubbles: puts messages where they belong, and keeps what the person looks at still
 *  while the bot edits. */

import { Bubble, nameOf } from "./bubbles.js";
import { byId, el } from "./dom.js";
import { summary } from "./media.js";
import { announce } from "./notices.js";
import { texts } from "./texts.js";

const JOIN_SECONDS = 300;
const TYPING_MS = 5500; // Telegram's chat actions last five seconds
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dayName = new Intl.DateTimeFormat([], { day: "numeric", month: "long" });

const bubbleKey = (message) =>
  message.media_group_id ? `album ${message.media_group_id}` : message.message_id;

/** An article, or the next one on a side, that is a message: what was not sent is none. */
function nearest(article, side) {
  let at = article;
  while (at && !at.bubble) at = at[side];
  return at;
}

const orderOf = (article) => article.bubble?.order ?? article.order;

function dayOf(message) {
  const date = new Date(message.date * 1000);
  const ago = Math.round(
    (new Date().setHours(0, 0, 0, 0) - new Date(date).setHours(0, 0, 0, 0)) / 864e5,
  );
  return ago === 0 ? texts.today : ago === 1 ? texts.yesterday : dayName.format(date);
}

export class Conversation {
  /** @param {object} context what bubbles need: see bubbles.js; `goTo` and `touched` are ours */
  constructor(context) {
    this.context = {
      ...context,
      goTo: (id) => this.goTo(id),
      tap: (id, data) => this.#tap(id, data),
    };
    this.outerTap = context.tap;
    this.scroller = byId("scroller");
    this.log = byId("log");
    this.bubbles = new Map();
    this.ofMessage = new Map(); // message id → bubble
    this.touched = null; // the message whose keyboard was used last
    this.stuck = true; // the end of the conversation is in view, and stays so
    this.unread = 0;
    this.filling = false;
    this.#watchScrolling();
  }

  get isEmpty() {
    return this.bubbles.size === 0;
  }

  /** The number of the newest message; 0 where there is none. */
  get newest() {
    const last = nearest(this.log.lastElementChild, "previousElementSibling");
    return last?.bubble.messages.at(-1).message_id ?? 0;
  }

  /** Shows the messages of a chat that was there before. */
  fill(messages) {
    this.filling = true; // where to look is settled once, at the end
    for (const message of messages) this.place(message);
    this.filling = false;
    this.toEnd(false);
  }

  /** Shows a message, new or edited. `live` ones are told to screen readers and counted. */
  place(message, { live = false } = {}) {
    const key = bubbleKey(message);
    const known = this.ofMessage.has(message.message_id);
    let bubble = this.bubbles.get(key);
    if (!bubble) {
      bubble = new Bubble(message, this.context);
      this.bubbles.set(key, bubble);
      bubble.article.bubble = bubble;
      this.log.insertBefore(bubble.article, this.#below(bubble.order));
    }
    this.ofMessage.set(message.message_id, bubble);
    this.#steadily(bubble.article, () => bubble.take(message));
    this.#joinAround(bubble.article);
    if (!live) return;
    if (!known) this.#arrived(message, bubble);
    else if (this.touched === message.message_id) this.#say(message);
  }

  remove(messageId) {
    const bubble = this.ofMessage.get(messageId);
    if (!bubble) return;
    this.ofMessage.delete(messageId);
    bubble.drop(messageId);
    if (bubble.messages.length) return;
    const next = bubble.article.nextElementSibling;
    bubble.article.remove();
    for (const [key, value] of this.bubbles) if (value === bubble) this.bubbles.delete(key);
    if (next) this.#joinAround(next);
  }

  /** Shows what was not sent in its place in time: below the messages that were there then.
   *
   * @param {number} order the newest of them
   */
  keep(article, order) {
    const below = this.#below(order);
    article.order = order;
    this.#steadily(below ?? this.log, () => this.log.insertBefore(article, below));
    this.#joinAround(article);
  }

  /** Lets what was not sent leave its place, by `change`. */
  release(article, change) {
    const below = article.nextElementSibling;
    this.#steadily(below ?? this.log, change);
    if (below) this.#joinAround(below);
  }

  clear() {
    this.log.replaceChildren();
    this.bubbles.clear();
    this.ofMessage.clear();
  }

  typing(on) {
    clearTimeout(this.typingTimer);
    const node = byId("typing");
    if (node.hidden === !on) {
      if (on) this.typingTimer = setTimeout(() => this.typing(false), TYPING_MS);
      return;
    }
    node.hidden = !on;
    if (on) this.typingTimer = setTimeout(() => this.typing(false), TYPING_MS);
    if (this.stuck) this.toEnd(false);
    this.context.onTyping(on);
  }

  toEnd(smoothly = true) {
    this.stuck = true;
    const behavior = smoothly && !calm.matches ? "smooth" : "instant";
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior });
    this.#count(0);
  }

  goTo(messageId) {
    const bubble = this.ofMessage.get(messageId);
    if (!bubble) return;
    bubble.article.scrollIntoView({
      block: "center",
      behavior: calm.matches ? "instant" : "smooth",
    });
    bubble.article.classList.remove("flash");
    requestAnimationFrame(() => bubble.article.classList.add("flash"));
  }

  #tap(messageId, data) {
    this.touched = messageId;
    return this.outerTap(messageId, data);
  }

  /** What stands below the place of an order; null at the end. */
  #below(order) {
    let below = null;
    let last = this.log.lastElementChild;
    while (last && orderOf(last) > order) {
      below = last;
      last = last.previousElementSibling;
    }
    return below;
  }

  /** Changes an article, or what is above it, so that nothing jumps: the end stays the end; keys
   *  stay under the finger (they grow upwards, so the lower edge is held); and what is above the
   *  view moves nothing. */
  #steadily(article, change) {
    if (this.filling) {
      change();
      return;
    }
    const { scroller } = this;
    const bottom = () => article.getBoundingClientRect().bottom;
    const before = bottom();
    const top = scroller.getBoundingClientRect().top;
    change();
    if (this.stuck) {
      scroller.scrollTop = scroller.scrollHeight;
    } else if (article.bubble?.order === this.touched || before < top) {
      scroller.scrollTop += bottom() - before;
    }
  }

  /** Lets an article and the message below it show a new day, or join what is above them. */
  #joinAround(article) {
    for (const one of [article, nearest(article.nextElementSibling, "nextElementSibling")]) {
      if (!one?.bubble) continue;
      const [message] = one.bubble.messages;
      const above = one.previousElementSibling;
      const before = nearest(above, "previousElementSibling")?.bubble.messages.at(-1);
      const newDay = !before || dayOf(before) !== dayOf(message);
      const label = one.querySelector(":scope > .day");
      if (newDay && !label) one.prepend(el("div", { class: "day" }, dayOf(message)));
      if (!newDay) label?.remove();
      const joined =
        !newDay &&
        Boolean(above.bubble) &&
        before.from?.id === message.from?.id &&
        message.date - before.date < JOIN_SECONDS;
      one.classList.toggle("joined", joined);
    }
  }

  #arrived(message, bubble) {
    const own = this.context.isOwn(message);
    bubble.article.classList.add("arriving");
    if (!own) this.typing(false);
    if (own || this.stuck) this.toEnd();
    else this.#count(this.unread + 1);
    if (!own) this.#say(message);
  }

  #say(message) {
    announce(texts.wrote(nameOf(message.from), summary(message).slice(0, 400)));
  }

  #count(unread) {
    this.unread = unread;
    byId("unread").textContent = String(unread);
    byId("unread").hidden = unread === 0;
  }

  #watchScrolling() {
    const { scroller } = this;
    const button = byId("to-end");
    let lastTop = scroller.scrollTop;
    scroller.addEventListener(
      "scroll",
      () => {
        const gap = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
        if (gap < 24) this.stuck = true;
        else if (scroller.scrollTop < lastTop - 1) this.stuck = false;
        lastTop = scroller.scrollTop;
        if (this.stuck && gap < 24) this.#count(0);
        button.hidden = this.stuck || gap < 160;
      },
      { passive: true },
    );
    button.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.stuck && this.toEnd(false)).observe(scroller);
  }
}
