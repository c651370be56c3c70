/** Finds faces in a small picture: the browser's own finder, or a Viola-Jones of 200 kB. */
import { page } from "./page.js";

/**
 * @typedef {{x: number, y: number, width: number}} Face centre and width, as shares of the picture
 */
const FEWEST_VOTES = 3;
let loading = null;

/**
 * @returns {Promise<?(pixels: ImageData) => Face[]>} null where there is none: hints then speak of
 *   light and stillness only
 */
export function loadFinder() {
  loading = loading || load().catch(() => null);
  return loading;
}

async function load() {
  await script("tracking.js");
  await script("tracking.face.js");
  const { ViolaJones } = window["tracking"];
  return (pixels) => {
    const { data, width, height } = pixels;
    const found = ViolaJones.detect(data, width, height, 1.5, 1.08, 1, 0, ViolaJones.classifiers.face);
    return found
      .filter((box) => box.total >= FEWEST_VOTES)
      .map((box) => ({
        x: (box.x + box.width / 2) / width,
        y: (box.y + box.height / 2) / height,
        width: box.width / width,
      }));
  };
}

function script(name) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = page.vendor + name;
    element.onload = resolve;
    element.onerror = reject;
    document.head.append(element);
  });
}
