/*
 * A double of the phone's camera: what stands before it is a film of the test's own, the browser's
 * recorder and everything behind it are real. `window.film` waits for the page's recording to begin
 * and then plays the take; until then, and after it, the person looks into the camera.
 */
(() => {
  const film = { take: null, width: 640, height: 480, began: 0, failure: null, opened: 0 };
  window.jianzaiFilm = film;

  async function load() {
    const answer = await fetch(new URL("/m/test-film", location.href));
    const bytes = await answer.arrayBuffer();
    const view = new DataView(bytes);
    film.width = view.getUint32(0, true);
    film.height = view.getUint32(4, true);
    const count = view.getUint32(8, true);
    const take = [];
    let at = 12;
    for (let i = 0; i < count; i++) {
      const ms = view.getUint32(at, true);
      const size = view.getUint32(at + 4, true);
      const jpeg = new Blob([bytes.slice(at + 8, at + 8 + size)], { type: "image/jpeg" });
      // Read beforehand, so that a busy machine loses no frame to it while the page records.
      take.push({ ms, picture: await createImageBitmap(jpeg) });
      at += 8 + size;
    }
    film.take = take;
  }

  async function open() {
    film.opened += 1;
    if (film.failure) throw new DOMException("the test says so", film.failure);
    if (!film.take) await load();
    const canvas = document.createElement("canvas");
    canvas.width = film.width;
    canvas.height = film.height;
    const context = canvas.getContext("2d");
    const stream = canvas.captureStream(0);
    const track = stream.getVideoTracks()[0];
    Object.defineProperty(track, "label", { get: () => "Front Camera" });
    const paint = (picture) => {
      context.drawImage(picture, 0, 0);
      track.requestFrame();
    };
    let shown = -1;
    let idle = 0;
    const tick = () => {
      if (track.readyState !== "live") return;
      let next;
      if (film.began) {
        const elapsed = performance.now() - film.began;
        next = shown < 0 ? 0 : shown;
        while (next + 1 < film.take.length && film.take[next + 1].ms <= elapsed) next += 1;
      } else {
        // The first half second back and forth: a person who waits.
        const few = 8;
        next = -1;
        idle += 1;
        const phase = idle % (2 * few);
        paint(film.take[phase < few ? phase : 2 * few - 1 - phase].picture);
      }
      if (next >= 0 && next !== shown) {
        shown = next;
        paint(film.take[next].picture);
      }
      setTimeout(tick, film.began ? 10 : 66);
    };
    film.turn = () => {
      [canvas.width, canvas.height] = [canvas.height, canvas.width];
    };
    film.reset = () => {
      film.began = 0;
      shown = -1;
    };
    tick();
    return stream;
  }

  if (window.MediaRecorder) {
    const start = MediaRecorder.prototype.start;
    MediaRecorder.prototype.start = function (...given) {
      this.addEventListener("start", () => (film.began = performance.now()), { once: true });
      this.addEventListener("stop", () => film.reset && film.reset(), { once: true });
      return start.apply(this, given);
    };
  }
  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = open;
})();
