/** The camera of the phone: opened when it is needed, closed when it is not. */

const WANTED = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30, max: 30 } };

export function hasCameraAccess() {
  return Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
}

/**
 * @param {HTMLVideoElement} preview
 * @param {"user"|"environment"} facing
 * @returns {Promise<{stream: MediaStream, label: string, isFront: boolean}>}
 */
export async function openCamera(preview, facing) {
  const video = Object.assign({ facingMode: facing }, WANTED);
  const stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
  preview.srcObject = stream;
  await preview.play().catch(() => undefined); // autoplay already did, or will
  const track = stream.getVideoTracks()[0];
  const isFront = track.getSettings().facingMode !== "environment";
  preview.classList.toggle("mirrored", isFront);
  return { stream, label: track.label, isFront };
}

/** @param {HTMLVideoElement} preview */
export function closeCamera(preview) {
  const stream = preview.srcObject;
  if (stream) stream.getTracks().forEach((track) => track.stop());
  preview.srcObject = null;
}

export async function countCameras() {
  try {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices.filter((device) => device.kind === "videoinput").length;
  } catch (error) {
    return 1;
  }
}

/**
 * A still of what the camera sees, as it sees it.
 * @param {HTMLVideoElement} video
 * @returns {Promise<Blob>} JPEG
 */
export function still(video) {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  return new Promise((resolve, reject) => {
    const made = (blob) => (blob ? resolve(blob) : reject(new Error("no still")));
    canvas.toBlob(made, "image/jpeg", 0.92);
  });
}

/** Keep the screen on while somebody listens and moves. @returns {Promise<() => void>} */
export async function keepAwake() {
  try {
    const lock = await navigator["wakeLock"].request("screen");
    return () => lock.release();
  } catch (error) {
    return () => undefined;
  }
}
