/** The two choices that a phone remembers: how large, and whether it speaks. */
import { $, page, picture, word } from "./page.js";
import { aloud } from "./screens.js";

const SIZES = ["1", "2", "3"];

function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch (error) {
    return null; // storage is closed: the choice lasts as long as the page
  }
}

function keep(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch (error) {
    // As above.
  }
}

let hears = recall("jianzai.sound") !== "off";

export function isHeard() {
  return hears;
}

/** @param {() => void} onMute */
export function startSettings(onMute) {
  const root = document.documentElement;
  const before = recall("jianzai.size");
  if (before && SIZES.includes(before)) root.dataset.size = before;
  const size = $("tool-size");
  size.hidden = false;
  size.addEventListener("click", () => {
    const next = SIZES[SIZES.indexOf(root.dataset.size) + 1] || SIZES[0];
    root.dataset.size = next;
    keep("jianzai.size", next);
    aloud(word("size.now", { size: word("size." + next) }));
  });
  const sound = $("tool-sound");
  sound.hidden = !page.speech; // a server without a voice is silent
  const paint = () => {
    sound.setAttribute("aria-pressed", String(hears));
    sound.firstElementChild.src = picture(hears ? "sound-on" : "sound-off");
  };
  sound.addEventListener("click", () => {
    hears = !hears;
    keep("jianzai.sound", hears ? "on" : "off");
    paint();
    if (!hears) onMute();
    aloud(word(hears ? "sound.on" : "sound.off"));
  });
  paint();
}
