/** The ways without a face, each open to everybody at any time. */
import { call, Refused } from "./api.js";
import { $, day, make, showOffice, word } from "./page.js";
import { screen, show } from "./screens.js";
import { say } from "./speech.js";
import { state } from "./state.js";

let reason = "";

/** @param {string} [why] what led here, in the server's words */
export function openWays(why) {
  reason = why || "";
  show("ways");
}

/** @param {{onHelper: () => void, onBack: () => void}} ways */
export function startWays(ways) {
  screen("ways", { enter, leave: () => (reason = "") });
  $("ways-visit").addEventListener("click", askVisit);
  $("ways-relative").addEventListener("click", ways.onHelper);
  $("ways-back").addEventListener("click", ways.onBack);
}

function enter() {
  const line = $("ways-say");
  line.hidden = !reason;
  line.textContent = reason;
  const who = state.who;
  if (who && who.window) showOffice($("ways-window"), who.window);
  $("ways-relative").hidden = Boolean(who && !who.may_show_face);
  showVisit($("ways-visit-state"), who && who.visit);
  $("ways-visit").hidden = Boolean(who && who.visit);
  say("ways.title");
}

async function askVisit() {
  const told = $("ways-visit-state");
  if (!state.who) {
    told.textContent = word("ways.visit_first");
    return;
  }
  const button = $("ways-visit");
  button.disabled = true;
  try {
    const visit = await call("POST", "visit", { json: { reason: word("visit.reason") } });
    state.who.visit = visit;
    showVisit(told, visit);
    button.hidden = true;
    say("visit.asked");
  } catch (error) {
    const problem = error instanceof Refused ? error.problem : null;
    told.textContent = problem
      ? problem.say + " " + problem.do
      : word("trouble.offline") + " " + word("trouble.offline_do");
  } finally {
    button.disabled = false;
  }
}

/**
 * State, code and its use: fake officers exist, so the phone's owner asks for the code.
 * @param {HTMLElement} into
 * @param {any} visit
 */
export function showVisit(into, visit) {
  into.textContent = "";
  if (!visit) return;
  const known = ["asked", "assigned", "done"].includes(visit.state) ? visit.state : "asked";
  into.append(make("p", { text: word("visit." + known) }));
  if (known !== "done" && visit.code) {
    const line = make("p", { text: word("visit.code") });
    line.append(make("strong", { text: visit.code, name: "code" }));
    into.append(line, make("p", { text: word("visit.code_use") }));
  }
  if (visit.asked_on) {
    into.append(make("p", { text: word("visit.asked_on", { date: day(visit.asked_on) }) }));
  }
}
