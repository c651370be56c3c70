/** What became of it: in words, colour, picture and voice; and what comes next. */
import { call, Refused } from "./api.js";
import { showAppeal, startAppeal } from "./appeal.js";
import { drawCertificate, linesOf } from "./certificate.js";
import { $, day, make, picture, word } from "./page.js";
import { screen, show, shown } from "./screens.js";
import { say } from "./speech.js";
import { forgetConsent, state } from "./state.js";
import { wipeUnsent } from "./unsent.js";
import { trouble } from "./trouble.js";
import { showVisit } from "./ways.js";

const LOOKS = {
  submitted: ["wait", ""],
  pass: ["good", "good"],
  certified: ["good", "good"],
  review: ["person", ""],
  referred: ["person", ""],
  retry: ["again", "again"],
  ask_again: ["again", "again"],
  visit: ["visit", ""],
};
const ENOUGH = 3; // after so many tries the other ways come first
const QUICK_MS = 2000;
const QUICK_LOOKS = 15;
const SLOW_MS = 6000;
const MOST_LOOKS = 40;

/** @type {any} */
let status = null;
let [timer, looks] = [0, 0];

/** @param {{onAgain: () => void, onNew: () => void, onForgotten: () => void}} ways */
export function startResult(ways) {
  screen("result", { enter, leave: () => clearTimeout(timer) });
  $("result-again").addEventListener("click", ways.onAgain);
  $("result-new").addEventListener("click", ways.onNew);
  $("result-refresh").addEventListener("click", openResult);
  $("result-save").addEventListener("click", save);
  $("result-forget").addEventListener("click", () => forget(ways.onForgotten));
  startAppeal((appeal) => Object.assign(status, { appeal, may_appeal: false }));
}

/** Ask the server for the latest state, and show it. */
export async function openResult() {
  looks = 0;
  try {
    showStatus(await call("GET", "status"));
  } catch (error) {
    trouble(error, openResult);
  }
}

/** @param {any} found */
export function showStatus(found) {
  status = found;
  if (state.who) state.who.latest = found;
  if (found.state === "retry") state.failures += 1;
  show("result");
}

function enter() {
  if (!status) return;
  const isEnough = isAgain() && (state.failures >= ENOUGH || status.tries_left === 0);
  const [image, mood] = LOOKS[status.state];
  const title = word(isEnough ? "result.enough" : "result." + status.state);
  $("result-title").textContent = title;
  $("result-picture").src = picture(image);
  $("result-verdict").className = "verdict " + mood;
  $("result-say").textContent = status.say;
  $("result-do").textContent = status.do;
  showDetails();
  showButtons(isEnough);
  say("result." + (isEnough ? "enough" : status.state), () => {
    if (isAgain() && status.reasons.length) say("reason." + status.reasons[0]);
  });
  if (status.state === "submitted") lookAgain();
}

function isAgain() {
  return status.state === "retry" || status.state === "ask_again";
}

function isDone() {
  return status.state === "pass" || status.state === "certified";
}

function showDetails() {
  const lines = status.receipt ? linesOf(status.receipt) : [];
  if (status.review) {
    lines.push([word("result.who"), status.review.office]);
    lines.push([word("result.by"), day(status.review.by)]);
  }
  const list = $("result-details");
  list.textContent = "";
  for (const [name, value] of lines) list.append(make("dt", { text: name }), make("dd", { text: value }));
  list.hidden = !lines.length;
  showNext();
  const visit = status.state === "visit" && state.who ? state.who.visit : null;
  $("result-visit").hidden = !visit;
  showVisit($("result-visit"), visit);
  showAppeal(status.appeal, status.may_appeal);
  $("result-image").hidden = true;
  $("result-saved").hidden = true;
}

function showNext() {
  const line = $("result-next");
  const ends = status.receipt ? Object.values(status.receipt.valid_until).filter(Boolean).sort() : [];
  const isWaiting = status.state === "review" || status.state === "referred";
  line.hidden = !(ends.length || isWaiting);
  if (ends.length) line.textContent = word("result.next", { date: day(String(ends[0])) });
  else if (isWaiting) line.textContent = word("result.nothing");
}

function showButtons(isEnough) {
  $("result-save").hidden = !(isDone() && status.receipt);
  $("result-ways-first").hidden = !isEnough;
  $("result-again").hidden = !isAgain();
  $("result-again").className = isEnough ? "big" : "main";
  $("result-ways").hidden = isDone() || isEnough;
  $("result-refresh").hidden = isDone() || isAgain();
  $("result-new").hidden = !isDone();
}

function lookAgain() {
  clearTimeout(timer);
  timer = setTimeout(look, looks < QUICK_LOOKS ? QUICK_MS : SLOW_MS);
}

async function look() {
  looks += 1;
  try {
    const found = await call("GET", "status");
    if (shown() !== "result") return;
    if (found.state !== "submitted") return showStatus(found);
  } catch (error) {
    if (error instanceof Refused && error.status < 500) return trouble(error, openResult);
  }
  if (looks >= MOST_LOOKS) $("result-do").textContent = word("result.slow");
  else lookAgain();
}

async function save() {
  const blob = await drawCertificate(status.receipt);
  const address = URL.createObjectURL(blob);
  const link = /** @type {HTMLAnchorElement} */ (make("a"));
  link.href = address;
  link.download = status.receipt.certificate_number + ".png";
  link.click();
  const image = $("result-image");
  image.src = address;
  image.hidden = false;
  $("result-saved").hidden = false;
  image.scrollIntoView();
  say("result.saved");
}

async function forget(then) {
  try {
    await call("POST", "forget");
  } catch (error) {
    return trouble(error, () => forget(then));
  }
  await wipeUnsent();
  forgetConsent();
  Object.assign(state, { who: null, consent: null, needs: [], helper: null, isHelped: false });
  Object.assign(state, { opened: null, isShown: false, failures: 0 });
  status = null;
  then();
}
