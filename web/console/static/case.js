// The case screen: pictures that zoom and turn, a clip that follows its timeline, a claim that is
// prolonged while somebody works. Without it the page still shows and decides.

const PROLONG_EVERY_MS = 180_000;
const SOON_S = 120;
const FRAME_S = 1 / 15;
const ZOOMS = [1, 1.5, 2, 3, 4];

// Pictures -----------------------------------------------------------------------------------
const pictures = { zoom: 0, flipped: false, x: 0, y: 0 };

function drawPictures() {
  const scale = ZOOMS[pictures.zoom];
  const mirror = pictures.flipped ? -1 : 1;
  for (const image of document.querySelectorAll("[data-pan] img")) {
    image.style.transform =
      `translate(${pictures.x}px, ${pictures.y}px) scale(${scale * mirror}, ${scale})`;
  }
  const flip = document.querySelector("[data-flip]");
  flip?.setAttribute("aria-pressed", String(pictures.flipped));
}

function zoom(step) {
  pictures.zoom = Math.max(0, Math.min(ZOOMS.length - 1, pictures.zoom + step));
  if (!pictures.zoom) pictures.x = pictures.y = 0;
  drawPictures();
}

function pan(frame) {
  let from = null;
  frame.addEventListener("pointerdown", (event) => {
    if (!pictures.zoom) return;
    from = { x: event.clientX - pictures.x, y: event.clientY - pictures.y };
    frame.setPointerCapture(event.pointerId);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!from) return;
    pictures.x = event.clientX - from.x;
    pictures.y = event.clientY - from.y;
    drawPictures();
  });
  frame.addEventListener("pointerup", () => { from = null; });
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1 : -1);
  }, { passive: false });
  frame.addEventListener("dragstart", (event) => event.preventDefault());
}

function look(link) {
  const shown = document.getElementById("look");
  const image = shown.querySelector("img");
  image.src = link.href;
  image.alt = link.dataset.look;
  image.onerror = () => { shown.querySelector("figcaption").textContent = "打不开：可能已到期，请重新领取。"; };
  shown.querySelector("figcaption").textContent = link.dataset.look;
  shown.hidden = false;
  shown.scrollIntoView({ block: "nearest" });
}

// Clip ---------------------------------------------------------------------------------------
const clip = document.getElementById("clip");

function seek(ms) {
  if (!clip) return;
  clip.pause();
  clip.currentTime = ms / 1000;
  clip.scrollIntoView({ block: "nearest" });
}

function followClip(drawing) {
  const { left, right, lastMs } = drawing.dataset;
  const [from, to, last] = [left, right, lastMs].map(Number);
  const [, , width, height] = drawing.getAttribute("viewBox").split(" ").map(Number);
  const head = document.createElementNS("http://www.w3.org/2000/svg", "line");
  for (const [name, value] of Object.entries({ y1: 0, y2: height, stroke: "#b45309", "stroke-width": 2 })) {
    head.setAttribute(name, value);
  }
  drawing.append(head);
  const place = () => {
    const at = from + (to - from) * Math.min(1, (clip.currentTime * 1000) / last);
    head.setAttribute("x1", at);
    head.setAttribute("x2", at);
    if (!clip.paused) requestAnimationFrame(place);
  };
  for (const kind of ["play", "seeked", "timeupdate", "loadedmetadata"]) clip.addEventListener(kind, place);
  drawing.addEventListener("click", (event) => {
    const box = drawing.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * width;
    seek(Math.max(0, Math.min(last, ((x - from) / (to - from)) * last)));
  });
  place();
}

// The claim ----------------------------------------------------------------------------------
const countdown = document.getElementById("countdown");
const ranOut = document.getElementById("ran-out");
let until = countdown ? Date.now() + Number(countdown.dataset.seconds) * 1000 : 0;
let touched = Date.now();
let asked = Date.now();
let isOut = false;

async function prolong() {
  asked = Date.now();
  const body = new URLSearchParams({ csrf: document.body.dataset.csrf });
  let answer;
  try {
    answer = await fetch(countdown.dataset.prolong, { method: "POST", body, redirect: "manual" });
  } catch {
    return;  // no network for a moment: the countdown goes on, the next try comes
  }
  if (answer.ok && answer.headers.get("Content-Type")?.startsWith("application/json")) {
    until = Date.now() + (await answer.json()).seconds * 1000;
    isOut = false;
    ranOut.hidden = true;
  } else if (isOut) {
    say("这件已由别的同事领取或办结。您写的内容还在，可以复制下来。");
  }
}

function say(text, button = false) {
  ranOut.replaceChildren(text);
  if (button) {
    const again = document.createElement("button");
    again.type = "button";
    again.textContent = "重新领取";
    again.addEventListener("click", prolong);
    ranOut.append(" ", again);
  }
  ranOut.hidden = false;
}

function tick() {
  const left = Math.round((until - Date.now()) / 1000);
  countdown.classList.toggle("soon", left <= SOON_S && left > 0);
  countdown.classList.toggle("out", left <= 0);
  if (left > 0) {
    const clock = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    countdown.textContent = `领取还剩 ${clock}`;
    if (touched > asked && Date.now() - asked > PROLONG_EVERY_MS) prolong();
    return;
  }
  countdown.textContent = "领取已到期";
  if (!isOut) {
    isOut = true;
    say("领取时间到了，这件可能被别的同事领走。您写的内容都还在。", true);
  }
}

// The form -----------------------------------------------------------------------------------
let isSending = false;

function startForm(root) {
  const phrases = root.querySelector("[data-phrases]");
  if (phrases) phrases.hidden = false;
}

document.addEventListener("click", (event) => {
  const hit = event.target.closest("[data-zoom], [data-flip], [data-look], [data-seek], [data-insert]");
  if (!hit) return;
  if (hit.dataset.zoom) zoom(hit.dataset.zoom === "in" ? 1 : -1);
  else if ("flip" in hit.dataset) { pictures.flipped = !pictures.flipped; drawPictures(); }
  else if (hit.dataset.look) { event.preventDefault(); look(hit); }
  else if (hit.dataset.seek) seek(Number(hit.dataset.seek));
  else if (hit.dataset.insert) {
    const field = document.querySelector("#verdict textarea");
    field.setRangeText(hit.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.focus();
  }
});

document.addEventListener("submit", () => { isSending = true; }, true);
document.addEventListener("htmx:after:swap", () => { isSending = false; startForm(document); });
addEventListener("beforeunload", (event) => {
  const field = document.querySelector("#verdict textarea");
  if (!isSending && field && field.value !== field.defaultValue) event.preventDefault();
});

addEventListener("keydown", (event) => {
  if (!clip || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, dialog[open]")) return;
  if (event.key === "p") { event.preventDefault(); event.stopImmediatePropagation(); if (clip.paused) clip.play(); else clip.pause(); }
  if (event.key === "," || event.key === ".") {
    event.preventDefault();
    clip.pause();
    clip.currentTime = Math.max(0, clip.currentTime + (event.key === "." ? FRAME_S : -FRAME_S));
  }
}, true);

for (const tools of document.querySelectorAll("[data-tools]")) tools.hidden = false;
for (const frame of document.querySelectorAll("[data-pan]")) pan(frame);
startForm(document);
const drawing = document.querySelector("#timeline svg");
if (drawing && clip) followClip(drawing);
if (countdown) {
  for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    addEventListener(kind, () => { touched = Date.now(); }, { passive: true, capture: true });
  }
  tick();
  setInterval(tick, 1_000);
}
