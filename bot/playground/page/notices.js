/** Short words to the person that are no messages: toasts, alerts, and what a screen reader says. */

import { byId, el } from "./dom.js";

const TOAST_MS = 3200;

/** Says something to screen readers only. */
export function announce(text) {
  const line = el("p", {}, text);
  byId("announcer").append(line);
  setTimeout(() => line.remove(), 10000);
}

export function toast(text) {
  const box = byId("toasts");
  for (const older of [...box.children]) if (older.textContent === text) older.remove();
  while (box.children.length > 2) box.firstChild.remove();
  const note = el("button", { class: "toast", type: "button", dir: "auto" }, text);
  const leave = () => {
    note.classList.add("leaving");
    setTimeout(() => note.remove(), 200);
  };
  note.addEventListener("click", leave);
  box.append(note);
  announce(text);
  setTimeout(leave, TOAST_MS + 40 * text.length);
}

export function alertBox(text) {
  const dialog = byId("alert");
  byId("alert-text").textContent = text;
  if (!dialog.open) dialog.showModal();
}
