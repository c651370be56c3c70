/** Second screen: the notice, the choice, and what somebody cannot do. */
import { Refused } from "./api.js";
import { $, make, page, word } from "./page.js";
import { screen, show } from "./screens.js";
import { openSession } from "./session.js";
import { hush, say } from "./speech.js";
import { keepConsent, state } from "./state.js";
import { byTicket } from "./who.js";
import { trouble } from "./trouble.js";
import { openWays } from "./ways.js";

const HEADING = /^[一二三四五六七八九十]+、/;
let isReading = false;

/** @param {() => void} onward to the camera */
export function startConsent(onward) {
  screen("consent", { enter, leave: stopReading });
  $("consent-play").addEventListener("click", () => (isReading ? hush() : read()));
  $("consent-agree").addEventListener("click", () => agree(onward));
  $("consent-no-face").addEventListener("click", () => openWays());
  $("helper-off").addEventListener("click", () => {
    state.isHelped = false;
    $("helper-form").hidden = true;
  });
}

function enter() {
  const who = state.who;
  if (!who) return;
  showNotice(who.notice.text);
  $("consent-play").hidden = !page.speech;
  $("helper-form").hidden = !state.isHelped;
  if (state.isHelped) showRelations(who.helper_relations);
  say(state.isHelped ? "helper.hello" : "consent.title");
}

function showNotice(text) {
  const into = $("consent-text");
  into.textContent = "";
  for (const block of text.trim().split(/\n\s*\n/)) {
    const lines = block.split("\n");
    if (HEADING.test(lines[0])) into.append(make("h2", { text: lines.shift() }));
    for (const line of lines) into.append(make("p", { text: line }));
  }
}

function showRelations(names) {
  const into = $("helper-relations");
  if (into.childElementCount) return;
  for (const name of names) {
    const label = make("label", { name: "option" });
    const radio = /** @type {HTMLInputElement} */ (make("input"));
    radio.type = "radio";
    radio.name = "relation";
    radio.value = name;
    label.append(radio, make("span", { text: name }));
    into.append(label);
  }
}

function read() {
  isReading = true;
  $("consent-play").lastElementChild.textContent = word("consent.stop");
  say("notice." + state.who.notice.version, stopReading);
}

function stopReading() {
  if (!isReading) return;
  isReading = false;
  $("consent-play").lastElementChild.textContent = word("consent.play");
  hush();
}

/** @returns {?string} the word for what the helper has left out */
function missingOfHelper() {
  if (!$("helper-name").value.trim()) return "helper.name_missing";
  if (!document.querySelector("[name=relation]:checked")) return "helper.relation_missing";
  return $("helper-declared").checked ? null : "helper.undeclared";
}

function readHelper() {
  const relation = document.querySelector("[name=relation]:checked").value;
  return { name: $("helper-name").value.trim(), relation, declared: true };
}

async function agree(onward) {
  const told = $("helper-told");
  const missing = state.isHelped ? missingOfHelper() : null;
  told.textContent = missing ? word(missing) : "";
  if (missing) {
    say(missing);
    $(missing === "helper.name_missing" ? "helper-name" : "helper-told").scrollIntoView();
    return missing === "helper.name_missing" ? $("helper-name").focus() : undefined;
  }
  const notice = state.who.notice;
  state.helper = state.isHelped ? readHelper() : null;
  state.needs = Array.from(document.querySelectorAll("[name=need]:checked"), (box) => box.value);
  state.consent = { text_version: notice.version, text_digest: notice.digest };
  const button = $("consent-agree");
  button.disabled = true;
  try {
    await openSession();
    keepConsent();
    onward();
  } catch (error) {
    await refused(error, onward);
  } finally {
    button.disabled = false;
  }
}

async function refused(error, onward) {
  state.consent = null;
  if (error instanceof Refused && error.code === "consent.text_outdated") {
    await byTicket();
    $("consent-renewed").hidden = false;
    return show("consent");
  }
  trouble(error, () => agree(onward), "consent");
}
