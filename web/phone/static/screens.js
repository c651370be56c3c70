/** One screen at a time. The address never changes; the back button goes to the screen before. */
import { $ } from "./page.js";

/** @type {Object<string, {enter?: () => void, leave?: () => void}>} */
const known = {};
const site = document.title;
let current = "opening";

/**
 * @param {string} name
 * @param {{enter?: () => void, leave?: () => void}} acts `enter` runs each time it is shown
 */
export function screen(name, acts) {
  known[name] = acts;
}

export function shown() {
  return current;
}

/**
 * Show a screen, and put the reader's focus on its heading.
 * @param {string} name
 * @param {{isBack?: boolean}} [how] `isBack` when the browser went there already
 */
export function show(name, how) {
  const before = current;
  if (before !== name) {
    const old = known[before];
    if (old && old.leave) old.leave();
    $(before).hidden = true;
    $(name).hidden = false;
    current = name;
    remember(before, name, Boolean(how && how.isBack));
  }
  window.scrollTo(0, 0);
  const title = $(name + "-title");
  const acts = known[name];
  if (acts && acts.enter) acts.enter();
  document.title = title.textContent + " · " + site;
  title.focus({ preventScroll: true });
}

/** Screens that the back button may return to; from the others it leads to the start. */
const STEADY = ["hello", "number", "proof", "consent", "result", "ways", "trouble"];

function remember(before, name, isBack) {
  if (isBack) return;
  const entry = { screen: name };
  if (STEADY.includes(before)) history.pushState(entry, "");
  else history.replaceState(entry, "");
}

/** @param {() => string} start where to go when the screen before is past */
export function followBackButton(start) {
  addEventListener("popstate", (event) => {
    const wanted = event.state && event.state.screen;
    show(wanted && STEADY.includes(wanted) ? wanted : start(), { isBack: true });
  });
}

/** Say something to a screen reader that nothing on the screen says. */
export function aloud(text) {
  $("aloud").textContent = text;
}
