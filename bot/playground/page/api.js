/** The person's side of the local server: one function for each thing one can do in a chat,
 *  and the stream of what happens in it. Nothing here touches the page. */

const BASE = "/playground";

/** The server refused, or (status 0) could not be reached. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

function sentence(body) {
  try {
    const data = JSON.parse(body);
    return data.error ?? data.description ?? data.detail ?? "";
  } catch {
    return "";
  }
}

async function ask(path, { method = "GET", json } = {}) {
  let response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers: json === undefined ? {} : { "Content-Type": "application/json" },
      body: json === undefined ? undefined : JSON.stringify(json),
    });
  } catch {
    throw new ApiError("", 0);
  }
  if (!response.ok) throw new ApiError(sentence(await response.text()), response.status);
  return response;
}

const call = async (path, options) => (await ask(path, options)).json();

export const getBot = (language) => call(`/bot?language_code=${encodeURIComponent(language)}`);
export const openChat = (languageCode) =>
  call("/chats", { method: "POST", json: { language_code: languageCode } });

/** The messages as they stand, and the id of the last event that made them so. */
export async function getMessages(chat) {
  const response = await ask(`/chats/${chat}/messages`);
  return { messages: await response.json(), last: Number(response.headers.get("Last-Event-ID")) };
}

/** The newest message of a chat; undefined where it is empty. */
export const getNewest = async (chat) => (await call(`/chats/${chat}/messages?last=1`))[0];

export const sendText = (chat, text, replyTo) =>
  call(`/chats/${chat}/messages`, {
    method: "POST",
    json: { text, ...(replyTo ? { reply_to_message_id: replyTo } : {}) },
  });
export const editMessage = (chat, id, change) =>
  call(`/chats/${chat}/messages/${id}`, { method: "PATCH", json: change });
export const tap = (chat, messageId, data) =>
  call(`/chats/${chat}/taps`, { method: "POST", json: { message_id: messageId, data } });
/** Inline mode: what the bot offers for words, and sending one of its results. */
export const askInline = (chat, query) =>
  call(`/chats/${chat}/inline`, { method: "POST", json: { query } });
export const sendInline = (chat, queryId, resultId) =>
  call(`/chats/${chat}/inline/${queryId}`, { method: "POST", json: { result_id: resultId } });
export const fileUrl = (fileId) => `${BASE}/files/${encodeURIComponent(fileId)}`;

/**
 * Sends files, telling the progress (0 to 1). XMLHttpRequest, because fetch does not tell it.
 *
 * @param {{files: File[], asFile?: boolean, kind?: string, caption?: string, replyTo?: number}} parts
 * @returns {Promise<object|object[]>} the message, or the messages of an album
 */
export function sendFiles(chat, parts, { onProgress, signal } = {}) {
  const form = new FormData();
  for (const file of parts.files) form.append("photo", file, file.name || "photo.png");
  if (parts.asFile) form.append("as_file", "1");
  if (parts.kind) form.append("kind", parts.kind);
  if (parts.caption) form.append("caption", parts.caption);
  if (parts.replyTo) form.append("reply_to_message_id", String(parts.replyTo));
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${BASE}/chats/${chat}/messages`);
    request.upload.onprogress = (event) =>
      event.lengthComputable && onProgress?.(event.loaded / event.total);
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText));
      else reject(new ApiError(sentence(request.responseText), request.status));
    };
    request.onerror = () => reject(new ApiError("", 0));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/**
 * Follows a chat. The browser resumes by itself with Last-Event-ID after a lost connection; where
 * the server refused (and the browser gives up), we ask again with the last id that we saw.
 *
 * @param {{onEvent: (event: object) => void, onOpen?: () => void, onLost?: () => void}} handlers
 * @param {"events" | "wire"} what happens in the chat, or goes over the wire for it
 * @returns {{pause: () => void, resume: () => void}} a paused stream misses nothing
 */
export function follow(chat, after, { onEvent, onOpen, onLost }, what = "events") {
  let last = after;
  let wait = 500;
  let source = null;
  let timer;
  const pause = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const resume = () => {
    pause();
    source = new EventSource(`${BASE}/chats/${chat}/${what}?after=${last}`);
    source.onopen = () => {
      wait = 500;
      onOpen?.();
    };
    source.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.id <= last) return;
      last = event.id;
      onEvent(event);
    };
    source.onerror = ({ target }) => {
      onLost?.();
      if (target.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(resume, wait);
      wait = Math.min(wait * 2, 8000);
    };
  };
  resume();
  return { pause, resume };
}
