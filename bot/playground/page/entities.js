/** Message text with its entities (Bot API: offsets count UTF-16 units, as JavaScript's do) as
 *  nodes. People's text only ever becomes text nodes. */

import { el, icon } from "./dom.js";
import { texts } from "./texts.js";

const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const SIMPLE = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strikethrough: "s",
  blockquote: "blockquote",
  expandable_blockquote: "blockquote",
};

function preBlock(entity, text, inner, actions) {
  const button = el(
    "button",
    { type: "button", class: "pre-copy", "aria-label": texts.copyThis },
    icon("copy"),
    el("span", {}, texts.copy),
  );
  const block = el(
    "div",
    { class: "pre" },
    entity.language ? el("div", { class: "pre-head" }, entity.language) : null,
    el("pre", { dir: "auto" }, inner),
    button,
  );
  let revert;
  const mark = (on) => {
    block.classList.toggle("copied", on);
    button.replaceChildren(
      icon(on ? "check" : "copy"),
      el("span", {}, on ? texts.copied : texts.copy),
    );
  };
  block.addEventListener("click", async (event) => {
    const picked = getSelection()?.toString();
    if (picked && !button.contains(event.target)) return; // a part is being selected by hand
    if (!(await actions.copy(text))) return;
    mark(true);
    clearTimeout(revert);
    revert = setTimeout(mark, 2200, false);
  });
  return block;
}

function link(url, inner) {
  if (!/^(https?|tg|mailto):/i.test(url)) return inner;
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, inner);
}

function spoiler(inner) {
  const node = el("span", { class: "spoiler", tabindex: "0", role: "button" }, inner);
  const show = () => node.classList.add("shown");
  node.addEventListener("click", show);
  node.addEventListener("keydown", (event) => event.key === "Enter" && show());
  return node;
}

function wrap(entity, text, inner, actions) {
  const { type } = entity;
  if (type in SIMPLE) return el(SIMPLE[type], {}, inner);
  if (type === "pre") return preBlock(entity, text, inner, actions);
  if (type === "code") {
    const node = el("code", { tabindex: "0", role: "button", title: texts.copyThis }, inner);
    node.addEventListener("keydown", (event) => event.key === "Enter" && actions.copy(text));
    node.addEventListener("click", () => actions.copy(text));
    return node;
  }
  if (type === "text_link") return link(entity.url, inner);
  if (type === "url") return link(/^[a-z]+:/i.test(text) ? text : `https://${text}`, inner);
  if (type === "email") return link(`mailto:${text}`, inner);
  if (type === "spoiler") return spoiler(inner);
  if (type === "bot_command") {
    const send = () => actions.command(text);
    return el("button", { type: "button", class: "inline-command", onclick: send }, inner);
  }
  if (type === "hashtag" || type === "cashtag" || type === "mention" || type === "text_mention") {
    return el("span", { class: "tag" }, inner);
  }
  return inner;
}

/** A line break beside a block would show as an empty line: the block breaks the line itself. */
function trimAround(text, after, before) {
  let out = text;
  if (after && out.startsWith("\n")) out = out.slice(1);
  if (before && out.endsWith("\n")) out = out.slice(0, -1);
  return out;
}

/**
 * @param {string} text
 * @param {object[]} entities of the Bot API
 * @param {{copy: (text: string) => Promise<boolean>, command: (text: string) => void}} actions
 * @returns {DocumentFragment}
 */
export function richText(text, entities, actions) {
  const build = (from, to, list) => {
    const out = document.createDocumentFragment();
    let at = from;
    let afterBlock = false;
    let index = 0;
    while (index < list.length) {
      const entity = list[index];
      index += 1;
      if (entity.offset < at) continue; // overlaps what is already drawn
      const end = Math.min(entity.offset + entity.length, to);
      const inside = [];
      while (index < list.length && list[index].offset < end) inside.push(list[index++]);
      const block = BLOCKS.has(entity.type);
      out.append(trimAround(text.slice(at, entity.offset), afterBlock, block));
      out.append(
        wrap(entity, text.slice(entity.offset, end), build(entity.offset, end, inside), actions),
      );
      at = end;
      afterBlock = block;
    }
    out.append(trimAround(text.slice(at, to), afterBlock, false));
    return out;
  };
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return build(0, text.length, sorted);
}
