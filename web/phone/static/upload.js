/**
 * Sending one submission over a bad line: promise first, then chunk by chunk, then the promise
 * again. A lost answer costs one chunk; success is what the server says, with our own digests.
 */
import { call, Refused, Unreachable } from "./api.js";
import { delayMs, wait } from "./retry.js";
import { sha256 } from "./sha256.js";

const CHUNK_WITHIN_MS = 90000; // 256 kB at 28 kbit/s

/**
 * @param {import("./unsent.js").Unsent} unsent
 * @param {{progress: (sent: number, total: number) => void, waiting: (isWaiting: boolean) => void}} tell
 * @returns {Promise<void>} when every byte is there; else throws what the server refused
 */
export async function deliver(unsent, tell) {
  const missing = new Map();
  const total = unsent.manifest.parts.reduce((sum, part) => sum + part.chunks, 0);
  const left = () => Array.from(missing.values()).reduce((sum, list) => sum + list.length, 0);
  for (let failed = 0; ; ) {
    try {
      const answer = await promise(unsent.manifest);
      if (answer.isAll) {
        compare(unsent.manifest, answer.digests);
        return tell.progress(total, total);
      }
      for (const name of Object.keys(answer.missing)) missing.set(name, answer.missing[name].slice());
      tell.progress(total - left(), total);
      for (const [name, list] of missing) {
        while (list.length) {
          await send(name, list[0], unsent.chunks[name][list[0]]);
          list.shift();
          failed = 0;
          tell.waiting(false);
          tell.progress(total - left(), total);
        }
      }
    } catch (error) {
      if (!isPassing(error)) throw error;
      tell.waiting(true);
      await wait(Math.max(delayMs(failed), retryAfterMs(error)));
      failed += 1;
    }
  }
}

function isPassing(error) {
  if (error instanceof Unreachable) return true;
  if (!(error instanceof Refused)) return false;
  return error.status >= 500 || error.status === 429 || error.code === "upload.no_manifest";
}

function retryAfterMs(error) {
  const params = (error.problem && error.problem.params) || {};
  return Math.min(60, Number(params.retry_after_s) || 0) * 1000;
}

async function promise(manifest) {
  try {
    const said = await call("POST", "manifest", { json: manifest });
    return { isAll: true, digests: said.digests };
  } catch (error) {
    if (error instanceof Refused && error.code === "submission.parts_not_received") {
      return { isAll: false, missing: error.problem.params.missing };
    }
    throw error;
  }
}

async function send(name, index, body) {
  const headers = { "Content-Type": "application/octet-stream", "Chunk-Digest": await sha256(body) };
  await call("PUT", "parts/" + name + "/" + index, { body, headers, withinMs: CHUNK_WITHIN_MS });
}

function compare(manifest, digests) {
  for (const part of manifest.parts) {
    if (!digests || digests[part.name] !== part.sha256) {
      throw new Error("digest of " + part.name + " differs");
    }
  }
}
