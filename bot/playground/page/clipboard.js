/** Puts text on the clipboard, also where the browser offers no clipboard API (plain http). */

function copyBySelection(text) {
  const holder = document.createElement("textarea");
  holder.value = text;
  holder.setAttribute("aria-hidden", "true");
  holder.className = "unseen";
  const focused = document.activeElement;
  // Inside an open dialog everything else is inert, so the selection has to be made in there.
  (document.querySelector("dialog[open]") ?? document.body).append(holder);
  holder.select();
  const done = document.execCommand("copy");
  holder.remove();
  focused?.focus({ preventScroll: true });
  return done;
}

/** @returns {Promise<boolean>} whether the text is on the clipboard now */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}
