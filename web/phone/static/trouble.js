/** Something did not work: said kindly, with a way to go on and other ways beside it. */
import { Refused } from "./api.js";
import { $, word } from "./page.js";
import { show } from "./screens.js";
import { say } from "./speech.js";
import { openWays } from "./ways.js";

/** @type {?() => void} */
let again = null;

/**
 * @param {any} error
 * @param {() => void} retry
 * @param {string} [from] the screen to go back to before trying again
 */
export function trouble(error, retry, from) {
  if (error instanceof Refused && leadsAway(error.problem.next_channel)) {
    return openWays(error.problem.say + " " + error.problem.do);
  }
  const problem = error instanceof Refused ? error.problem : null;
  $("trouble-title").textContent = word(problem ? "trouble.title" : "trouble.offline");
  $("trouble-say").textContent = problem ? problem.say : "";
  $("trouble-do").textContent = problem ? problem.do : word("trouble.offline_do");
  again = () => {
    if (from) show(from);
    retry();
  };
  show("trouble");
  say(problem ? "trouble.title" : "trouble.offline");
}

function leadsAway(channel) {
  return ["visit", "window", "helper", "staff"].includes(channel);
}

export function startTrouble() {
  $("trouble-again").addEventListener("click", () => {
    if (again) again();
    else location.reload();
  });
}
