/** Asking that somebody else looks again: one tap, and by when the answer comes. */
import { call, Refused } from "./api.js";
import { $, day, make, word } from "./page.js";
import { say } from "./speech.js";

/** @type {(appeal: any) => void} */
let keep = () => {};

/** @param {(appeal: any) => void} onAsked takes the appeal into what is known */
export function startAppeal(onAsked) {
  keep = onAsked;
  $("result-appeal-ask").addEventListener("click", ask);
}

/**
 * @param {any} appeal what the server says of it; nothing when nobody asked
 * @param {boolean} mayAsk
 */
export function showAppeal(appeal, mayAsk) {
  const told = $("result-appeal");
  told.textContent = "";
  told.hidden = !appeal;
  $("result-appeal-ask").hidden = !mayAsk;
  if (!appeal) return;
  told.append(make("p", { text: appeal.say }));
  const [key, date] = appeal.outcome
    ? ["appeal.answered_on", appeal.answered_on]
    : ["appeal.by", appeal.answer_by];
  told.append(make("p", { text: word(key, { date: day(date) }) }));
}

async function ask() {
  const button = $("result-appeal-ask");
  button.disabled = true;
  try {
    const appeal = await call("POST", "appeal", { json: {} });
    keep(appeal);
    showAppeal(appeal, false);
    $("result-appeal").scrollIntoView({ block: "nearest" });
    say("appeal.asked");
  } catch (error) {
    const problem = error instanceof Refused ? error.problem : null;
    const told = $("result-appeal");
    told.hidden = false;
    told.textContent = problem
      ? problem.say + " " + problem.do
      : word("trouble.offline") + " " + word("trouble.offline_do");
  } finally {
    button.disabled = false;
  }
}
