/** The page's voice: one sentence at a time, never before the first tap, silent where a file lacks. */
import { page } from "./page.js";
import { isHeard } from "./settings.js";

const player = new Audio();
let isAllowed = false;
/** @type {?() => void} */
let whenOver = null;

addEventListener("pointerdown", () => (isAllowed = true), { capture: true, once: true });
addEventListener("keydown", () => (isAllowed = true), { capture: true, once: true });
player.addEventListener("ended", over);
player.addEventListener("error", over);

function over() {
  const told = whenOver;
  whenOver = null;
  if (told) told();
}

/**
 * @param {string} key of `speech.toml`, which is also the file's name
 * @param {() => void} [then] when it is over, or cannot be
 */
export function say(key, then) {
  hush();
  if (!page.speech || !isHeard() || !isAllowed) {
    if (then) then();
    return;
  }
  whenOver = then || null;
  player.src = page.speech + key + ".mp3";
  const begun = player.play();
  if (begun) begun.catch(over);
}

export function hush() {
  player.pause();
  over();
}
