/** Where the page cannot record: the phone's own camera films, and a person looks at it. */
import { backWord } from "./asking.js";
import { hasCameraAccess } from "./camera.js";
import { $, make, picture, word } from "./page.js";
import { recordable } from "./recorder.js";
import { screen, show } from "./screens.js";
import { freshSession } from "./session.js";
import { say } from "./speech.js";
import { now, state } from "./state.js";
import { trouble } from "./trouble.js";

const MOST_BYTES = 20000000;
const READ_WITHIN_MS = 8000;

let [why, told] = ["none", ""];
/** @type {?File} */
let video = null;

/** @type {(taken: any) => void} */
let handOver = () => undefined;

/** @param {{onTaken: (taken: any) => void, onCamera: () => void}} ways */
export function startFilming(ways) {
  handOver = ways.onTaken;
  screen("filming", { enter, leave: () => (video = null) });
  $("filming-camera").addEventListener("click", ways.onCamera);
  $("filming-video").addEventListener("change", (event) => chosen(event.target, filmed));
  $("filming-photo").addEventListener("change", (event) => chosen(event.target, photographed));
}

/**
 * @param {"none"|"denied"} reason
 * @param {string} [key] kind words to begin with
 */
export function openFilming(reason, key) {
  [why, told] = [reason, key || ""];
  show("filming");
}

async function enter() {
  $("filming-why").textContent = word("filming.why_" + why);
  $("filming-camera").hidden = !(hasCameraAccess() && recordable());
  askFor("video");
  tell(told);
  told = "";
  try {
    const { challenge } = await freshSession();
    list(challenge);
    say("filming.title");
  } catch (error) {
    trouble(error, () => openFilming(/** @type {any} */ (why)));
  }
}

function list(challenge) {
  const into = $("filming-steps");
  into.textContent = "";
  for (const step of challenge.steps) {
    const image = /** @type {HTMLImageElement} */ (make("img"));
    [image.src, image.alt, image.width, image.height] = [picture(step.action), "", 64, 64];
    const item = make("li");
    item.append(image, word("step." + step.action) + " · " + backWord(step.action));
    into.append(item);
  }
  $("filming-length").textContent = word("filming.length", { seconds: seconds() });
}

function seconds() {
  return Math.ceil(state.opened.challenge.duration_ms / 1000);
}

function tell(key) {
  $("filming-told").textContent = key ? word(key, { seconds: seconds() }) : "";
  if (key) say(key);
}

function askFor(what) {
  $("filming-video-label").hidden = what !== "video";
  $("filming-photo-label").hidden = what !== "photo";
}

function chosen(input, then) {
  const file = input.files[0];
  input.value = "";
  if (file) then(file);
}

async function filmed(file) {
  if (!file.type.startsWith("video/")) return tell("filming.not_video");
  if (file.size > MOST_BYTES) return tell("filming.too_large");
  video = file;
  tell("filming.reading");
  const selfie = await frameOf(file).catch(() => null);
  if (selfie) return finish(selfie);
  askFor("photo");
  tell("filming.photo_too");
}

function photographed(file) {
  if (file.size > MOST_BYTES) return tell("filming.photo_too");
  finish(file);
}

function finish(selfie) {
  const capturedAt = new Date(video.lastModified ? video.lastModified + state.offsetMs : now());
  state.isShown = true;
  const recorder = { user_agent: navigator.userAgent.slice(0, 400), camera_label: null };
  handOver({ selfie, video, recorder, capturedAt: capturedAt.toISOString(), isFile: true });
}

/** The film's own picture of half a second in, as a selfie. */
function frameOf(file) {
  const address = URL.createObjectURL(file);
  const film = document.createElement("video");
  film.muted = true;
  film.playsInline = true;
  const drawn = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("slow")), READ_WITHIN_MS);
    film.onerror = () => reject(new Error("unreadable"));
    film.onloadeddata = () => (film.currentTime = 0.5);
    film.onseeked = () => {
      const canvas = document.createElement("canvas");
      const scale = Math.min(1, 1280 / Math.max(film.videoWidth, film.videoHeight));
      canvas.width = film.videoWidth * scale;
      canvas.height = film.videoHeight * scale;
      canvas.getContext("2d").drawImage(film, 0, 0, canvas.width, canvas.height);
      const made = (blob) => (blob ? resolve(blob) : reject(new Error("empty")));
      canvas.toBlob(made, "image/jpeg", 0.92);
    };
  });
  film.src = address;
  const over = () => URL.revokeObjectURL(address);
  drawn.then(over, over);
  return drawn;
}
