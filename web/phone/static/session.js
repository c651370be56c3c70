/** The challenge: asked for without asking the person anything again. */
import { call } from "./api.js";
import { state } from "./state.js";

const SPARE_MS = 25000; // to count down, to seal, and for the promise to arrive on a bad line

export async function openSession() {
  const before = Date.now();
  const opened = await call("POST", "sessions", {
    json: { consent: state.consent, needs: state.needs, helper: state.helper },
  });
  state.opened = opened;
  state.isShown = false;
  // What the answer says is half a round trip old.
  state.offsetMs = Date.parse(opened.now) + (Date.now() - before) / 2 - Date.now();
  return opened;
}

/** Whether the challenge at hand was never shown and can still be answered in time. */
export function isFresh() {
  const opened = state.opened;
  if (!opened || state.isShown) return false;
  const left = Date.parse(opened.expires_at) - Date.now() - state.offsetMs;
  return left > opened.challenge.duration_ms + SPARE_MS;
}

/** @returns {Promise<import("./state.js").Opened>} one that was never shown */
export async function freshSession() {
  return isFresh() ? state.opened : openSession();
}
