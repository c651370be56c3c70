/** The recording itself: MP4/H.264, then VP9, then VP8, never AV1; the first frame is time zero. */

const KINDS = [
  "video/mp4;codecs=avc1.42E01E",
  "video/mp4;codecs=avc1.4D401E",
  "video/mp4;codecs=avc1",
  "video/webm;codecs=vp9",
  "video/webm;codecs=vp8",
];
const BITS_PER_SECOND = 1500000; // 20 s stay under 4 MB

/** @returns {?string} what this browser can record; null when it can record nothing we can read */
export function recordable() {
  if (typeof MediaRecorder === "undefined") return null;
  return KINDS.find((kind) => MediaRecorder.isTypeSupported(kind)) || null;
}

/**
 * @param {MediaStream} stream
 * @param {HTMLVideoElement} preview shows the same stream
 * @returns {Promise<{startedAt: number, stop: () => Promise<Blob>, drop: () => void}>} once the
 *   first frame is in; `startedAt` on the clock of `performance.now`
 */
export async function startRecording(stream, preview) {
  const mimeType = recordable();
  const recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: BITS_PER_SECOND });
  const pieces = [];
  recorder.ondataavailable = (event) => event.data.size && pieces.push(event.data);
  const stopped = new Promise((resolve) => (recorder.onstop = resolve));
  await new Promise((resolve, reject) => {
    recorder.onstart = resolve;
    recorder.onerror = reject;
    recorder.start(1000);
  });
  const startedAt = await nextFrame(preview);
  const halt = () => {
    if (recorder.state !== "inactive") recorder.stop();
    return stopped;
  };
  return {
    startedAt,
    stop: async () => {
      await halt();
      return new Blob(pieces, { type: mimeType.split(";")[0] });
    },
    drop: () => {
      halt().then(() => pieces.splice(0));
    },
  };
}

function nextFrame(preview) {
  return new Promise((resolve) => {
    if ("requestVideoFrameCallback" in preview) {
      preview.requestVideoFrameCallback(() => resolve(performance.now()));
    } else {
      requestAnimationFrame(() => resolve(performance.now()));
    }
  });
}
