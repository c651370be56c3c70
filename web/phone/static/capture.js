/** Third screen: aim, try out, film. What is cut short is thrown away and begun anew, kindly. */
import { ask, askStep, openAsking } from "./asking.js";
import { closeCamera, countCameras, hasCameraAccess, keepAwake, openCamera, still } from "./camera.js";
import { play, practice } from "./challenge.js";
import { openFilming } from "./filming.js";
import { watch } from "./hints.js";
import { $, word } from "./page.js";
import { recordable, startRecording } from "./recorder.js";
import { screen, show, shown } from "./screens.js";
import { freshSession, openSession } from "./session.js";
import { hush, say } from "./speech.js";
import { now, state } from "./state.js";
import { trouble } from "./trouble.js";

const PATIENCE_MS = 6000; // then the button offers to start all the same
const PERSISTS = 2; // looks that agree before a hint is said

/** @typedef {{stream: MediaStream, label: string, isFront: boolean}} Camera */

/** @type {?Camera} */
let camera = null;
/** @type {"user"|"environment"} */
let facing = "user";
/** @type {?AbortController} while counting, trying out or filming */
let running = null;
let stopWatching = () => undefined;
let isWanted = false;
let [lastHint, times, spoken] = ["", 0, ""];
/** @type {number} */
let patience = 0;
let told = "";

/** @type {(taken: any) => void} */
let handOver = () => undefined;

/** @param {(taken: any) => void} onTaken gets selfie, video and how they were made */
export function startCapture(onTaken) {
  handOver = onTaken;
  screen("camera", { enter, leave });
  $("camera-start").addEventListener("click", () => (isWanted ? film() : wantStart()));
  $("camera-practise").addEventListener("click", practise);
  $("camera-stop").addEventListener("click", () => callOff(""));
  $("camera-turn").addEventListener("click", turnCamera);
  $("camera-no-flash").addEventListener("click", withoutFlash);
  document.addEventListener("visibilitychange", seenOrNot);
  $("preview").addEventListener("resize", () => running && callOff("camera.turned"));
}

/** @param {string} [key] kind words to begin with */
export function openCapture(key) {
  told = key || "";
  show("camera");
}

async function enter() {
  const preview = $("preview");
  if (!hasCameraAccess() || !recordable()) return openFilming("none", told);
  tell(told || "camera.wait", "");
  ready(false);
  try {
    await freshSession();
    camera = await openCamera(preview, facing);
  } catch (error) {
    return error instanceof DOMException ? openFilming("denied", told) : trouble(error, openCapture);
  }
  if (shown() !== "camera" || document.hidden) return closeCamera(preview);
  camera.stream.getVideoTracks()[0].onended = () => callOff("camera.interrupted");
  $("asked-picture").classList.toggle("flipped", !camera.isFront);
  $("camera-turn").hidden = (await countCameras()) < 2;
  aim();
}

function aim() {
  ready(true);
  stopWatching();
  [lastHint, times, spoken, isWanted] = ["", 0, "", false];
  $("camera-start").textContent = word("camera.start");
  $("camera-no-flash").hidden = !(state.opened && state.opened.challenge.light);
  if (told) tell(told, "");
  else $("hint").textContent = "";
  say(told || "camera.title");
  const quietUntil = performance.now() + (told ? 4000 : 1500);
  told = "";
  stopWatching = watch($("preview"), (hint) => performance.now() > quietUntil && hinted(hint));
}

function leave() {
  if (running) running.abort();
  running = null;
  stopWatching();
  clearTimeout(patience);
  closeCamera($("preview"));
  openAsking(false);
  $("camera-stop").hidden = true;
  hush();
}

function ready(isReady) {
  $("camera-start").disabled = !isReady;
  $("camera-practise").disabled = !isReady;
}

function tell(key, mood) {
  const line = $("hint");
  line.textContent = word(key);
  line.classList.toggle("bad", mood === "bad");
  line.classList.toggle("good", mood === "good");
}

function hinted(hint) {
  times = hint === lastHint ? times + 1 : 1;
  lastHint = hint;
  const isGood = hint === "hint.ok";
  $("stage").classList.toggle("fits", isGood);
  if (times < PERSISTS || running) return;
  if (isGood && isWanted) return film();
  if (times === PERSISTS) tell(hint, isGood ? "good" : "bad");
  if (times === 3 * PERSISTS && spoken !== hint) say((spoken = hint));
}

function wantStart() {
  if (running) return;
  isWanted = true;
  if (lastHint === "hint.ok") return film();
  say((spoken = lastHint || "camera.title"));
  patience = setTimeout(() => {
    $("camera-start").textContent = word("camera.start_anyway");
  }, PATIENCE_MS);
}

/** The page is left in the middle, for a call perhaps: nothing of it is kept. */
function seenOrNot() {
  if (shown() !== "camera") return;
  if (document.hidden) {
    told = running ? "camera.interrupted" : "";
    const kind = told;
    leave();
    told = kind;
  } else {
    enter();
  }
}

function callOff(key) {
  if (shown() !== "camera") return;
  leave();
  told = key;
  enter();
}

async function turnCamera() {
  facing = facing === "user" ? "environment" : "user";
  callOff("");
}

async function withoutFlash() {
  state.needs = state.needs.filter((need) => need !== "no_flash").concat("no_flash");
  try {
    await openSession();
    callOff("camera.flash_off");
  } catch (error) {
    trouble(error, openCapture);
  }
}

function begin() {
  stopWatching();
  clearTimeout(patience);
  running = new AbortController();
  openAsking(true);
  $("camera-stop").hidden = false;
  window.scrollTo(0, 0);
  return running.signal;
}

async function practise() {
  if (running) return;
  const signal = begin();
  ask("practice.title");
  try {
    await pause(2500, signal);
    const tried = practice(state.needs);
    await play(tried, performance.now(), showing(tried), signal);
    callOff("practice.done");
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function film() {
  if (running) return;
  const signal = begin();
  const awake = await keepAwake();
  let recording = null;
  try {
    const selfie = await still($("preview"));
    ask("camera.get_ready");
    const { challenge } = await freshSession();
    await countDown(signal);
    recording = await startRecording(camera.stream, $("preview"));
    state.isShown = true;
    const capturedAt = new Date(now()).toISOString();
    await play(challenge, recording.startedAt, showing(challenge), signal);
    const video = await recording.stop();
    ask("camera.done");
    const recorder = recorderOf(camera);
    handOver({ selfie, video, recorder, capturedAt, isFile: false });
  } catch (error) {
    if (recording) recording.drop();
    if (!signal.aborted) trouble(error, openCapture);
  } finally {
    awake();
  }
}

function recorderOf(made) {
  return { user_agent: navigator.userAgent.slice(0, 400), camera_label: made.label.slice(0, 120) };
}

function showing(challenge) {
  return {
    step: (index) => askStep(challenge.steps, index),
    colour: (name) => {
      if (name) document.documentElement.dataset.light = name;
      else delete document.documentElement.dataset.light;
    },
  };
}

async function countDown(signal) {
  const number = $("countdown");
  try {
    for (const left of ["3", "2", "1"]) {
      number.textContent = left;
      await pause(1000, signal);
    }
  } finally {
    number.textContent = "";
  }
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    setTimeout(() => (signal.aborted ? reject(new Error("called off")) : resolve(undefined)), ms);
  });
}
