/** The inline keyboard under a bubble. Its keys are kept and relabelled when the bot edits the
 *  message, so that the focus stays, and a press always means what the person saw when pressing. */

import { el, icon } from "./dom.js";
import { texts } from "./texts.js";

const WORKING_MS = 10000;
const STYLES = new Set(["primary", "success", "danger"]);

export class Keyboard {
  /**
   * @param {{tap: (data: string) => Promise<void>, copy: (text: string) => void}} actions; `tap`
   *   settles when the bot has answered the press, or fails where it did not get through
   */
  constructor(actions) {
    this.actions = actions;
    this.node = el("div", { class: "keyboard", role: "group", "aria-label": texts.buttons });
    this.working = new Map(); // data of a pressed button → how many presses are under way
  }

  /** Rows are matched from the last one up: new rows grow on top, the others keep their keys. */
  show(markup) {
    const rows = markup?.inline_keyboard ?? [];
    const focused = this.node.contains(document.activeElement);
    this.node.hidden = rows.length === 0;
    while (this.node.children.length > rows.length) this.node.firstChild.remove();
    while (this.node.children.length < rows.length) this.node.prepend(el("div", { class: "keys" }));
    rows.forEach((row, i) => this.#fill(this.node.children[i], row));
    if (focused && !this.node.contains(document.activeElement)) {
      this.node.querySelector(".key")?.focus({ preventScroll: true });
    }
  }

  #fill(line, row) {
    while (line.children.length > row.length) line.lastChild.remove();
    row.forEach((button, i) => {
      const old = line.children[i];
      const isLink = Boolean(button.url);
      let key = old;
      if (!old || (old.tagName === "A") !== isLink) {
        key = isLink ? this.#linkKey() : this.#key();
        if (old) old.replaceWith(key);
        else line.append(key);
      }
      this.#label(key, button);
    });
  }

  #linkKey() {
    return el("a", { class: "key", target: "_blank", rel: "noopener noreferrer" });
  }

  #key() {
    const key = el("button", { class: "key", type: "button" });
    key.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      // An edit may move or relabel the keys before the finger is up again.
      key.down = { button: key.button, box: key.getBoundingClientRect() };
      if (event.pointerType === "mouse") key.setPointerCapture(event.pointerId);
    });
    key.addEventListener("click", (event) => {
      const { down } = key;
      if (event.detail === 0 || !down) {
        this.#press(key.button); // by keyboard, or by a screen reader
        return;
      }
      key.down = null;
      if (within(down.box, event)) this.#press(down.button);
    });
    return key;
  }

  #label(key, button) {
    key.button = button;
    const mark = button.copy_text ? "copy" : button.url ? "link" : null;
    key.replaceChildren(
      el("span", { class: "label", dir: "auto" }, button.text),
      ...(mark ? [icon(mark)] : []),
    );
    if (button.url) key.href = /^(https?|tg|mailto):/i.test(button.url) ? button.url : "#";
    key.classList.toggle("ticked", /^[✓✔☑]/u.test(button.text));
    key.dataset.style = STYLES.has(button.style) ? button.style : "";
    this.#mark(key);
  }

  #mark(key) {
    const busy = this.working.has(key.button.callback_data);
    key.classList.toggle("working", busy);
    if (busy) key.setAttribute("aria-busy", "true");
    else key.removeAttribute("aria-busy");
  }

  #markAll() {
    for (const key of this.node.querySelectorAll(".key")) this.#mark(key);
  }

  async #press(button) {
    if (button.copy_text) {
      this.actions.copy(button.copy_text.text);
      return;
    }
    const data = button.callback_data;
    if (data === undefined) return;
    this.working.set(data, (this.working.get(data) ?? 0) + 1);
    this.#markAll();
    const limit = new Promise((resolve) => setTimeout(resolve, WORKING_MS));
    await Promise.race([this.actions.tap(data), limit]);
    const left = this.working.get(data) - 1;
    if (left > 0) this.working.set(data, left);
    else this.working.delete(data);
    this.#markAll();
  }
}

function within(box, { clientX: x, clientY: y }) {
  const slack = 6;
  return (
    x >= box.left - slack &&
    x <= box.right + slack &&
    y >= box.top - slack &&
    y <= box.bottom + slack
  );
}
