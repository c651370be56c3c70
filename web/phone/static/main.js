/** Puts the screens together, and finds the one that fits what is known. */
import { openCapture, startCapture } from "./capture.js";
import { startConsent } from "./consent.js";
import { startFilming } from "./filming.js";
import { $, word } from "./page.js";
import { openResult, showStatus, startResult } from "./result.js";
import { followBackButton, show } from "./screens.js";
import { sendLeftOver, sendTaken, startSending } from "./sending.js";
import { startSettings } from "./settings.js";
import { hush } from "./speech.js";
import { state } from "./state.js";
import { startTrouble, trouble } from "./trouble.js";
import { openWays, startWays } from "./ways.js";
import { byLink, byTicket, forgetTyped, startWho, takeLink } from "./who.js";

const RECENT_DAYS = 90;
const DAY_MS = 86400000;
const link = takeLink();

function start() {
  return state.who ? "hello" : "number";
}

/** After it is known who it is. */
function onward() {
  const who = state.who;
  if (!who.may_show_face) return openWays(reasonAgainst(who));
  if (state.consent && !state.isHelped) return openCapture();
  show("consent");
}

function reasonAgainst(who) {
  return who.obstacle ? who.obstacle.say + " " + who.obstacle.do : "";
}

/** The camera again: what was agreed to and said is still known. @param {string} [key] */
function anew(key) {
  if (state.consent) openCapture(key);
  else show(start());
}

function helpHere() {
  state.isHelped = true;
  state.consent = null;
  if (state.who) onward();
  else show("number");
}

/** Whether the latest submission is what the person comes for: it is open, or just done. */
function isOfInterest(latest) {
  if (!latest) return false;
  if (latest.state !== "pass" && latest.state !== "certified") return true;
  const on = latest.receipt && Date.parse(latest.receipt.certified_on);
  return Boolean(on) && Date.now() - on < RECENT_DAYS * DAY_MS;
}

function forgotten() {
  forgetTyped();
  show("number");
  $("number-told").textContent = word("result.forgotten");
}

function wire() {
  startSettings(hush);
  startTrouble();
  startWho({ onward, latest: () => showStatus(state.who.latest) });
  startConsent(() => openCapture());
  startCapture(sendTaken);
  startFilming({ onTaken: sendTaken, onCamera: () => openCapture() });
  startSending({ onSent: openResult, onAnew: anew });
  startResult({ onAgain: () => anew(), onNew: () => show("hello"), onForgotten: forgotten });
  startWays({ onHelper: helpHere, onBack: () => history.back() });
  for (const button of document.querySelectorAll("[data-go]")) {
    button.addEventListener("click", () => {
      if (button.dataset.go === "ways") openWays();
      else show(button.dataset.go);
    });
  }
  followBackButton(start);
}

async function open() {
  let isKnown = true;
  try {
    if (link) await byLink(link);
    else isKnown = await byTicket();
  } catch (error) {
    return trouble(error, link && error.status ? () => show("number") : open);
  }
  if (!isKnown) return show("number");
  if (await sendLeftOver()) return;
  const { latest, may_show_face: mayShow } = state.who;
  if (isOfInterest(latest)) return showStatus(latest);
  if (!mayShow) return openWays(reasonAgainst(state.who));
  show("hello");
}

wire();
open();
