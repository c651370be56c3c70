/** Sends what was taken, in large type, and wipes it once the server has it. */
import { Refused } from "./api.js";
import { $, word } from "./page.js";
import { show } from "./screens.js";
import { canSeal, newClientId, packPart } from "./seal.js";
import { say } from "./speech.js";
import { state } from "./state.js";
import { findUnsent, keepUnsent, wipeUnsent } from "./unsent.js";
import { trouble } from "./trouble.js";
import { deliver } from "./upload.js";

/** @type {{onSent: () => void, onAnew: (key: string) => void}} */
let ways;

/** @param {{onSent: () => void, onAnew: (key: string) => void}} given */
export function startSending(given) {
  ways = given;
}

/** @param {{selfie: Blob, video: Blob, recorder: any, capturedAt: string, isFile: boolean}} taken */
export async function sendTaken(taken) {
  open("sending.packing");
  say("sending.title");
  const unsent = await pack(taken);
  const isSafe = canSeal() && (await keepUnsent(unsent));
  await send(unsent, isSafe);
}

/** @returns {Promise<boolean>} whether something was left from last time, and is being sent */
export async function sendLeftOver() {
  const unsent = await findUnsent();
  if (!unsent) return false;
  open("sending.resumed");
  send(unsent, true);
  return true;
}

function open(key) {
  show("sending");
  $("sending-resumed").hidden = true;
  $("sending-words").textContent = word(key);
  $("sending-bar").value = 0;
  $("sending-line").textContent = "";
  $("sending-safe").textContent = "";
}

async function pack(taken) {
  const clientId = newClientId();
  const server = canSeal() ? state.opened.seal : null;
  const parts = [];
  const chunks = {};
  for (const [name, blob] of [["selfie", taken.selfie], ["video", taken.video]]) {
    const bytes = await new Response(blob).arrayBuffer();
    const mediaType = blob.type.split(";")[0];
    const packed = await packPart({ clientId, name, bytes, mediaType, server });
    parts.push(packed.entry);
    chunks[name] = packed.chunks;
  }
  const manifest = {
    client_id: clientId,
    captured_at: taken.capturedAt,
    recorder: taken.recorder,
    from_file: taken.isFile,
    parts,
  };
  return { client_id: clientId, manifest, chunks };
}

async function send(unsent, isSafe) {
  $("sending-safe").textContent = word(isSafe ? "sending.safe" : "sending.stay");
  try {
    await deliver(unsent, { progress, waiting });
  } catch (error) {
    return refused(error, unsent, isSafe);
  }
  await wipeUnsent();
  ways.onSent();
}

function progress(sent, total) {
  $("sending-words").textContent = word("sending.progress", { sent, total });
  $("sending-bar").value = total ? sent / total : 0;
}

function waiting(isWaiting) {
  const key = navigator.onLine ? "sending.slow" : "sending.offline";
  $("sending-line").textContent = isWaiting ? word(key) : "";
}

const TOO_LATE = /^(challenge|session|identity|auth)\./;

async function refused(error, unsent, isSafe) {
  if (!(error instanceof Refused)) return trouble(error, () => again(unsent, isSafe));
  await wipeUnsent();
  if (error.code === "session.used") return ways.onSent();
  if (TOO_LATE.test(error.code)) return ways.onAnew("sending.unsendable");
  trouble(error, () => ways.onAnew(""));
}

function again(unsent, isSafe) {
  open("sending.packing");
  send(unsent, isSafe);
}
