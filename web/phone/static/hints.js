/** What would make the picture better, found on the phone: light, place, size, stillness. */
import { loadFinder } from "./faces.js";

const LONG_SIDE = 160;
const LOOK_EVERY_MS = 250;

/**
 * @typedef {Object} Seen
 * @property {number} luma mean of the middle, 0..255
 * @property {number} glare share of the middle that is burnt out
 * @property {number} motion mean change of luma since the last look
 * @property {?import("./faces.js").Face[]} faces null when nobody looked for faces
 */

/**
 * @param {Seen} seen
 * @returns {string} the key of the one hint that matters most
 */
export function judge(seen) {
  if (seen.luma < 45) return "hint.dark";
  if (seen.luma > 225 || seen.glare > 0.35) return "hint.bright";
  if (seen.faces) {
    const place = judgeFaces(seen.faces);
    if (place) return place;
  }
  return seen.motion > 14 ? "hint.shaky" : "hint.ok";
}

function judgeFaces(faces) {
  if (faces.length === 0) return "hint.nobody";
  const largest = faces.reduce((a, b) => (a.width > b.width ? a : b));
  if (faces.some((face) => face !== largest && face.width > 0.5 * largest.width)) return "hint.many";
  if (largest.width < 0.2) return "hint.far";
  if (largest.width > 0.75) return "hint.near";
  const isAside = Math.abs(largest.x - 0.5) > 0.2 || Math.abs(largest.y - 0.5) > 0.25;
  return isAside ? "hint.aside" : null;
}

/**
 * @param {ImageData} pixels
 * @param {?Uint8Array} before luma of the last look
 */
export function measure(pixels, before) {
  const { data, width, height } = pixels;
  const lumas = new Uint8Array(width * height);
  let [sum, burnt, inside, change] = [0, 0, 0, 0];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const luma = (data[4 * i] * 77 + data[4 * i + 1] * 150 + data[4 * i + 2] * 29) >> 8;
      lumas[i] = luma;
      if (before && before.length === lumas.length) change += Math.abs(luma - before[i]);
      if (x < width * 0.25 || x > width * 0.75 || y < height * 0.15 || y > height * 0.85) continue;
      inside += 1;
      sum += luma;
      if (luma > 250) burnt += 1;
    }
  }
  const seen = { luma: sum / inside, glare: burnt / inside, motion: change / lumas.length };
  return { lumas, seen };
}

/**
 * Look at the camera's picture again and again.
 * @param {HTMLVideoElement} video
 * @param {(hint: string) => void} told
 * @returns {() => void} stops it
 */
export function watch(video, told) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let [before, find, timer, isOver] = [null, null, 0, false];
  loadFinder().then((finder) => (find = finder));
  const look = () => {
    if (isOver) return;
    const began = performance.now();
    if (video.videoWidth && !document.hidden) {
      const scale = LONG_SIDE / Math.max(video.videoWidth, video.videoHeight);
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      const pixels = context.getImageData(0, 0, canvas.width, canvas.height);
      const { lumas, seen } = measure(pixels, before);
      before = lumas;
      told(judge(Object.assign({ faces: find ? find(pixels) : null }, seen)));
    }
    // A weak phone looks less often, so that the picture keeps moving.
    timer = setTimeout(look, Math.max(LOOK_EVERY_MS, 3 * (performance.now() - began)));
  };
  look();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
