/** The page's start: opens the chat of this tab, and connects its parts with the server. */

import * as api from "./api.js";
import { listenForFiles, pickFiles } from "./attach.js";
import { Chats } from "./chats.js";
import { copy } from "./clipboard.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { byId } from "./dom.js";
import { alertBox, toast } from "./notices.js";
import { Outgoing } from "./outgoing.js";
import { Preview } from "./preview.js";
import { forgetChat, newSession, openSession, rememberChat } from "./session.js";
import { texts } from "./texts.js";
import { Wire } from "./wire.js";

let session = null;
let online = false;
let action = null;
let stream = null;
const answers = new Map(); // callback query id → ends the wait of the pressed key

function showStatus() {
  const words = !online ? texts.connecting : (action ?? texts.bot);
  if (byId("status").textContent !== words) byId("status").textContent = words;
}

function connection(up) {
  if (online !== up) document.body.classList.toggle("online", up);
  online = up;
  byId("offline").hidden = up;
  byId("offline").textContent = up ? "" : texts.lost;
  if (up) {
    refreshBot();
    outgoing.connected();
  }
  showStatus();
}

async function refreshBot() {
  const bot = await api.getBot(navigator.language.slice(0, 2)).catch(() => null);
  if (!bot) return;
  document.title = bot.name;
  byId("bot-name").textContent = bot.name;
  composer.setBot(bot);
}

const isOwn = (message) => message.from?.id === session?.userId;

async function copyAndTell(text) {
  const done = await copy(text);
  toast(done ? texts.copiedLong : texts.copyFailed);
  return done;
}

/** Settles when the bot has answered the press; the answer may even come before the id. */
async function tap(messageId, data) {
  try {
    const { callback_query_id: id } = await api.tap(session.chatId, messageId, data);
    if (answers.get(id) === "answered") answers.delete(id);
    else await new Promise((resolve) => answers.set(id, resolve));
  } catch (error) {
    toast(error.message || texts.tapFailed);
  }
}

function answered({ callback_query_id: id, text, show_alert: asAlert }) {
  const waiting = answers.get(id);
  if (typeof waiting === "function") {
    answers.delete(id);
    waiting();
  } else {
    answers.set(id, "answered");
  }
  if (text && asAlert) alertBox(text);
  else if (text) toast(text);
}

function openPhoto(url) {
  byId("viewer-image").src = url;
  byId("viewer").showModal();
}

const sendText = (text, replyTo) => outgoing.text(text, replyTo);

const conversation = new Conversation({
  isOwn,
  isGroup: false,
  tap,
  copy: copyAndTell,
  command: (text) => sendText(text),
  reply: (message) => composer.reply(message),
  edit: (message) => composer.edit(message),
  openPhoto,
  localPhoto: (id) => outgoing.localPhoto(id),
  forgetLocal: (id) => outgoing.forgetLocal(id),
  onTyping: (on) => {
    if (!on) action = null;
    showStatus();
  },
});

const outgoing = new Outgoing({
  session: () => session,
  away: () => !session || !byId("offline").hidden, // told to the person too
  place: (message) => place(message, true),
  grew: () => {
    byId("empty").hidden = true;
    conversation.toEnd();
  },
  newest: () => conversation.newest,
  keep: (article, order) => conversation.keep(article, order),
  release: (article, change) => conversation.release(article, change),
});

const composer = new Composer({
  text: sendText,
  change: async (message, text) => {
    const change = message.text === undefined ? { caption: text } : { text };
    try {
      const edited = await api.editMessage(session.chatId, message.message_id, change);
      if (edited?.message_id) place(edited, true);
    } catch (error) {
      toast(error.message || texts.notSent);
    }
  },
  inline,
});

/** What the bot offers for words after its name, ready to be sent. */
async function inline(words) {
  try {
    const found = await api.askInline(session.chatId, words);
    return found.results.map(({ id, title, description }) => ({
      label: title,
      detail: description,
      run: async () => place(await api.sendInline(session.chatId, found.inline_query_id, id), true),
    }));
  } catch {
    return [];
  }
}

const preview = new Preview((groups, caption) => {
  const replyTo = composer.takeReply();
  groups.forEach((items, i) =>
    outgoing.files(items, {
      caption: i === 0 ? caption : "",
      replyTo: i === 0 ? replyTo : undefined,
    }),
  );
});

function place(message, live) {
  if (conversation.isEmpty) rememberChat(session);
  conversation.place(message, { live });
  byId("empty").hidden = true;
}

function happened(event) {
  const { type, message } = event;
  if (type === "message") {
    if (isOwn(message) && outgoing.hold(message)) return;
    place(message, true);
    if (message.reply_markup?.force_reply) {
      composer.reply(message, message.reply_markup.input_field_placeholder);
    }
  } else if (type === "edit") {
    place(message, true);
  } else if (type === "delete") {
    conversation.remove(message?.message_id ?? event.message_id);
    byId("empty").hidden = !conversation.isEmpty;
  } else if (type === "action") {
    action = texts.actions[event.action] ?? texts.actions.typing;
    conversation.typing(true);
    showStatus();
  } else if (type === "answer") {
    answered(event.answer);
  }
}

/** Shows the chat as it stands. Returns the id of the event to follow it from. */
async function load() {
  let last = 0;
  try {
    const known = await api.getMessages(session.chatId);
    conversation.fill(known.messages);
    last = known.last;
    if (known.messages.length) rememberChat(session);
  } catch (error) {
    if (error.status !== 404) throw error;
    forgetChat(session.chatId);
    session = await newSession();
    toast(texts.newChat);
  }
  byId("empty").hidden = !conversation.isEmpty;
  return last;
}

async function start() {
  let last = 0;
  for (let wait = 500; ; wait = Math.min(wait * 2, 8000)) {
    try {
      session = await openSession();
      last = await load();
      break;
    } catch {
      connection(false);
      byId("offline").textContent = texts.noServer;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
  stream = api.follow(session.chatId, last, {
    onEvent: happened,
    onOpen: () => connection(true),
    onLost: () => connection(false),
  });
}

new Wire(() => session?.chatId);
new Chats(() => session?.chatId);

listenForFiles((files) => {
  if (!session) return;
  const written = byId("field").value;
  byId("field").value = "";
  preview.add(files, written);
});
byId("attach").addEventListener("click", pickFiles);
byId("empty-pick").addEventListener("click", pickFiles);
byId("empty-start").addEventListener("click", () => sendText("/start"));
byId("viewer-close").addEventListener("click", () => byId("viewer").close());
byId("viewer").addEventListener("click", (event) => {
  if (event.target !== byId("viewer-image")) byId("viewer").close();
});

// A browser keeps six connections to a server, for all its tabs: only the tab in view holds one.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) stream?.pause();
  else stream?.resume();
});

await start();
composer.focus();
