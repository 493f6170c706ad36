/** Which chat this tab is. Its number lives in sessionStorage, so a reload keeps the chat and
 *  another tab gets its own, even a tab that the browser made as a copy of this one. */

import * as api from "./api.js";

const KEY = "tagalong.chat";

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

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

/** The chat of this tab, opened at the server where there is none yet. */
export async function openSession() {
  const known = remembered();
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
