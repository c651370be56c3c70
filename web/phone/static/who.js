/** First screen: who it is, by link or by number. */
import { call, Refused } from "./api.js";
import { birthDate } from "./idnumber.js";
import { joinKeypad, plain } from "./keypad.js";
import { $, day, page, word } from "./page.js";
import { screen, show } from "./screens.js";
import { say } from "./speech.js";
import { recallConsent, state } from "./state.js";
import { trouble } from "./trouble.js";

const LINK = /^\/m\/k\/([A-Za-z0-9_-]{8,128})$/;

/**
 * The link's token leaves the address before anything else happens.
 * @returns {?string}
 */
export function takeLink() {
  const found = LINK.exec(location.pathname);
  if (!found) return null;
  history.replaceState(null, "", page.base + "/");
  return found[1];
}

/** @param {any} who */
export function keepWho(who) {
  state.who = who;
  recallConsent(who.notice);
}

/** @param {string} token */
export async function byLink(token) {
  keepWho(await call("POST", "who", { json: { link: token } }));
}

/** @returns {Promise<boolean>} whether the phone still knows who it is */
export async function byTicket() {
  try {
    keepWho(await call("GET", "who"));
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return false;
    throw error;
  }
}

/** @param {{onward: () => void, latest: () => void}} ways */
export function startWho(ways) {
  startHello(ways);
  startNumber();
  startProof(ways.onward);
}

function startHello(ways) {
  screen("hello", { enter: greet });
  const goOn = (isHelped) => {
    state.isHelped = isHelped;
    ways.onward();
  };
  $("hello-yes").addEventListener("click", () => goOn(false));
  $("hello-helper").addEventListener("click", () => goOn(true));
  $("hello-result").addEventListener("click", ways.latest);
  $("hello-other").addEventListener("click", () => show("number"));
}

function greet() {
  const who = state.who;
  if (!who) return show("number");
  $("hello-name").textContent = who.masked_name;
  $("hello-number").textContent = word("hello.number", { number: who.masked_number });
  const line = $("hello-valid");
  const [key, date] = who.valid_until
    ? ["hello.valid", who.valid_until]
    : ["hello.due", who.due_on];
  line.hidden = !date;
  if (date) line.textContent = word(key, { date: day(date) });
  $("hello-result").hidden = !who.latest;
  say("hello.question");
}

function tell(element, text, mood) {
  element.textContent = text;
  element.classList.toggle("bad", mood === "bad");
  element.classList.toggle("good", mood === "good");
}

function startNumber() {
  const field = $("number-field");
  const told = $("number-told");
  const changed = (text) => {
    if (text.length < 18) {
      return tell(told, text ? word("number.count", { count: text.length }) : "", "");
    }
    const born = birthDate(text);
    if (born) tell(told, word("number.good", { date: day(born) }), "good");
    else tell(told, word("number.wrong"), "bad");
  };
  joinKeypad(field, $("number-keys"), { most: 18, letters: true, changed });
  $("number-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = plain(field);
    if (birthDate(text)) return show("proof");
    const key = text.length < 18 ? "number.too_early" : "number.wrong";
    tell(told, word(key), "bad");
    say(key);
    field.focus();
  });
  screen("number", { enter: () => say("number.title") });
}

function proofKind() {
  return document.querySelector("[name=proof-kind]:checked").value;
}

function startProof(onward) {
  const field = $("proof-field");
  const told = $("proof-told");
  joinKeypad(field, $("proof-keys"), { most: 12, letters: false, changed: () => tell(told, "", "") });
  for (const radio of document.querySelectorAll("[name=proof-kind]")) {
    radio.addEventListener("change", () => {
      field.value = "";
      tell(told, "", "");
      $("proof-label").textContent = word("proof." + proofKind());
      say("proof." + proofKind());
    });
  }
  screen("proof", { enter: () => say("proof." + proofKind()) });
  $("proof-form").addEventListener("submit", (event) => {
    event.preventDefault();
    identify(field, told, onward);
  });
}

async function identify(field, told, onward) {
  if (plain(field).length < 4) {
    tell(told, word("proof.too_early"), "bad");
    say("proof.too_early");
    return field.focus();
  }
  const button = $("proof-next");
  button.disabled = true;
  const proof = { kind: proofKind(), value: plain(field) };
  try {
    keepWho(await call("POST", "who", { json: { id_number: plain($("number-field")), proof } }));
    forgetTyped();
    onward();
  } catch (error) {
    if (!(error instanceof Refused) || error.status >= 500) {
      trouble(error, () => identify(field, told, onward), "proof");
    } else {
      tell(told, error.problem.say + " " + error.problem.do, "bad");
      field.value = "";
      field.focus();
    }
  } finally {
    button.disabled = false;
  }
}

/** A number does not stay in the field for the next one who holds the phone. */
export function forgetTyped() {
  $("number-field").value = "";
  $("proof-field").value = "";
  tell($("number-told"), "", "");
}
