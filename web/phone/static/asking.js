/** Asks for one movement at a time: words, picture and voice. */
import { $, picture, word } from "./page.js";
import { say } from "./speech.js";

const BACK = {
  turn_left: "back.head",
  turn_right: "back.head",
  tilt_left: "back.head",
  tilt_right: "back.head",
  nod: "back.nod",
  open_mouth: "back.mouth",
  blink: "back.blink",
};

/** @param {string} action */
export function backWord(action) {
  return word(BACK[action] || "back.phone");
}

/** @param {boolean} isAsking */
export function openAsking(isAsking) {
  $("asked").hidden = !isAsking;
  document.documentElement.classList.toggle("filming", isAsking);
}

/** @param {string} key of the words to say before, between or after the steps */
export function ask(key) {
  put(key, "look", "", "");
}

/**
 * @param {import("./state.js").Step[]} steps
 * @param {number} index -1 before the first
 */
export function askStep(steps, index) {
  if (index < 0) return ask("camera.look_here");
  const { action } = steps[index];
  const of = word("camera.step_of", { index: index + 1, count: steps.length });
  put("step." + action, action, backWord(action), of);
}

function put(key, pictured, back, of) {
  $("asked-words").textContent = word(key);
  $("asked-picture").src = picture(pictured);
  $("asked-back").textContent = back;
  $("asked-of").textContent = of;
  say(key);
}
