/** The chats of this browser: a sheet to turn to another one, or to begin a new one, in this tab. */

import { getNewest } from "./api.js";
import { byId, el } from "./dom.js";
import { summary, thumbnailUrl } from "./media.js";
import { forgetChat, knownChats, openChats, turnTo } from "./session.js";
import { texts } from "./texts.js";

const LOOK_AGAIN_MS = 1000; // a browser tells nobody that a tab was closed

const when = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short" });

export class Chats {
  /** @param {() => number | undefined} current the chat of this tab */
  constructor(current) {
    this.current = current;
    this.dialog = byId("chats");
    this.rounds = 0; // how often the sheet was opened
    byId("chats-open").addEventListener("click", () => this.#open());
    byId("chats-close").addEventListener("click", () => this.dialog.close());
    byId("chats-new").addEventListener("click", () => turnTo(null));
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close(); // the backdrop
    });
  }

  async #open() {
    byId("chats-list").replaceChildren();
    this.dialog.showModal();
    const round = (this.rounds += 1);
    let listed = null;
    while (this.dialog.open && round === this.rounds) {
      const open = await openChats();
      if (String(open) !== listed) await this.#list(open);
      listed = String(open);
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  }

  async #list(open) {
    const rows = await Promise.all(knownChats().map((session) => this.#row(session, open)));
    byId("chats-list").replaceChildren(...rows.filter(Boolean));
  }

  /** A chat with its newest message; null where there is none any more. */
  async #row(session, open) {
    let message;
    try {
      message = await getNewest(session.chatId);
    } catch (error) {
      if (error.status === 404) forgetChat(session.chatId);
      return null;
    }
    if (!message) return null;
    const here = session.chatId === this.current();
    const elsewhere = !here && open.includes(session.chatId);
    const place = here ? texts.chats.this : elsewhere ? texts.chats.elsewhere : "";
    const picture = thumbnailUrl(message) ?? thumbnailUrl(message.reply_to_message ?? {});
    const button = el(
      "button",
      {
        type: "button",
        disabled: elsewhere,
        "aria-current": here ? "true" : null,
        onclick: () => (here ? this.dialog.close() : turnTo(session)),
      },
      picture ? el("img", { src: picture, alt: "", width: 44, height: 44 }) : el("i", {}),
      el("strong", { dir: "auto" }, summary(message)),
      el("span", {}, [when.format(new Date(message.date * 1000)), place].filter(Boolean).join(" · ")),
    );
    return el("li", {}, button);
  }
}
