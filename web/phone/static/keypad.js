/** Big number keys for a field; a real keyboard and a screen reader work as well. */

/**
 * @param {HTMLInputElement} field
 * @param {HTMLElement} keys with buttons that name their key
 * @param {{most: number, letters: boolean, changed: (text: string) => void}} how
 */
export function joinKeypad(field, keys, how) {
  const clean = (text) => {
    const half = text.replace(/[０-９Ｘｘ]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0));
    return half.toUpperCase().replace(how.letters ? /[^0-9X]/g : /[^0-9]/g, "").slice(0, how.most);
  };
  const put = (text) => {
    field.value = grouped(clean(text), how.letters);
    readBack(field);
    how.changed(plain(field));
  };
  field.addEventListener("input", () => put(field.value));
  keys.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (!button) return;
    const now = plain(field);
    put(button.dataset.key === "delete" ? now.slice(0, -1) : now + button.dataset.key);
  });
}

/** What no longer fits the field is shown whole beneath it: nobody checks what is cut off. */
function readBack(field) {
  const whole = field.parentElement.querySelector(".whole");
  if (!whole) return;
  whole.hidden = field.scrollWidth <= field.clientWidth;
  whole.textContent = field.value;
}

/** What was entered, without the spaces that help reading. */
export function plain(field) {
  return field.value.replace(/\s/g, "");
}

/** As on the card: 6 for the place, 4 for the year, 4 for the day, 4 more. */
function grouped(text, isNumber) {
  if (!isNumber) return text;
  return [text.slice(0, 6), text.slice(6, 10), text.slice(10, 14), text.slice(14)]
    .filter(Boolean)
    .join(" ");
}
