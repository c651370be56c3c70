/** What the page knows while it is open. Nothing of it is written anywhere on the phone. */

/**
 * @typedef {Object} Step
 * @property {string} action
 * @property {number} onset_ms
 * @property {number} window_ms
 *
 * @typedef {Object} Challenge
 * @property {number} duration_ms
 * @property {Step[]} steps
 * @property {string[]} needs
 * @property {{segments: {colour: string, from_ms: number, to_ms: number}[]}} [light]
 *
 * @typedef {Object} Opened what POST sessions answered
 * @property {Challenge} challenge
 * @property {string} expires_at
 * @property {string} upload_until
 * @property {string} now
 * @property {{version: number, key_id: string, public_key: string}} seal
 * @property {number} chunk_bytes
 */

export const state = {
  /** @type {any} what `GET act/who` answered */
  who: null,
  /** @type {?{text_version: string, text_digest: string}} */
  consent: null,
  /** @type {string[]} */
  needs: [],
  isHelped: false,
  /** @type {?{name: string, relation: string, declared: boolean}} */
  helper: null,
  /** @type {?Opened} */
  opened: null,
  /** @type {boolean} whether the steps of `opened` were asked for already */
  isShown: false,
  /** server's clock minus ours */
  offsetMs: 0,
  failures: 0,
};

/** The server's time, as well as we know it. */
export function now() {
  return Date.now() + state.offsetMs;
}

const CONSENT = "jianzai.consent";

/**
 * Remember over a reload which text was agreed to, and nothing about the person: with limitations
 * or a relative named, the screen is shown again instead.
 */
export function keepConsent() {
  if (state.needs.length || state.helper) return forgetConsent();
  try {
    sessionStorage.setItem(CONSENT, JSON.stringify(state.consent));
  } catch (error) {
    // No storage: the notice is shown once more.
  }
}

/** @param {{version: string, digest: string}} notice */
export function recallConsent(notice) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(CONSENT) || "null");
    if (kept && kept.text_digest === notice.digest) state.consent = kept;
  } catch (error) {
    // No storage, or not ours.
  }
}

export function forgetConsent() {
  try {
    sessionStorage.removeItem(CONSENT);
  } catch (error) {
    // No storage, nothing kept.
  }
}
