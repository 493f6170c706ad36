/** Which chat this tab is. Its number lives in sessionStorage, so a reload keeps the chat and
 *  another tab gets its own, even a tab that the browser made as a copy of this one. */

import * as api from "./api.js";

const KEY = "tagalong.chat";
const CHATS = "tagalong.chats"; // in localStorage: the chats of this browser, the latest first
const KEPT = 20;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Holds a lock of the chat's name as long as the tab lives; false where another tab has it. */
async function claim(chatId) {
  if (!navigator.locks) return true; // plain http from another machine: no locks there
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const mine = await new Promise((resolve) => {
      navigator.locks.request(`${KEY}.${chatId}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock && new Promise(() => {});
      });
    });
    if (mine) return true;
    await pause(150); // on a reload the page before may need a moment to let go
  }
  return false;
}

function read(storage, key) {
  try {
    return JSON.parse(window[storage].getItem(key));
  } catch {
    return null; // nothing of ours, or the browser keeps nothing for pages
  }
}

function keep(chats) {
  try {
    localStorage.setItem(CHATS, JSON.stringify(chats.slice(0, KEPT)));
  } catch {
    // then this tab alone knows its chat
  }
}

/** The chats in which something was said, in this browser. */
export const knownChats = () => read("localStorage", CHATS) ?? [];

export const forgetChat = (chatId) => keep(knownChats().filter((one) => one.chatId !== chatId));

export function rememberChat(session) {
  keep([session, ...knownChats().filter((one) => one.chatId !== session.chatId)]);
}

/** The chats that are shown in a tab, this one among them. */
export async function openChats() {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const names = new Set(held.map(({ name }) => name));
  return knownChats().map(({ chatId }) => chatId).filter((id) => names.has(`${KEY}.${id}`));
}

/** Lets this tab be another chat; without one, a new one. */
export function turnTo(session) {
  if (session) sessionStorage.setItem(KEY, JSON.stringify(session));
  else sessionStorage.removeItem(KEY);
  location.reload();
}

/** The chat of this tab, opened at the server where there is none yet. */
export async function openSession() {
  const known = read("sessionStorage", KEY);
  if (known && (await claim(known.chatId))) return known;
  return newSession();
}

export async function newSession() {
  const { chat_id: chatId, user_id: userId } = await api.openChat(navigator.language);
  const session = { chatId, userId };
  await claim(chatId);
  sessionStorage.setItem(KEY, JSON.stringify(session));
  return session;
}
