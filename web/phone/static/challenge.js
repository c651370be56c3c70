/** Plays the server's challenge: each step at its moment, each colour at its moment. */

/**
 * @param {import("./state.js").Challenge} challenge
 * @param {number} elapsed milliseconds since the first frame
 * @returns {{step: number, colour: ?string, isOver: boolean}} step -1 before the first
 */
export function at(challenge, elapsed) {
  let step = -1;
  challenge.steps.forEach((one, i) => {
    if (one.onset_ms <= elapsed) step = i;
  });
  const segments = (challenge.light && challenge.light.segments) || [];
  const lit = segments.find((one) => one.from_ms <= elapsed && elapsed < one.to_ms);
  return { step, colour: lit ? lit.colour : null, isOver: elapsed >= challenge.duration_ms };
}

/**
 * @param {import("./state.js").Challenge} challenge
 * @param {number} startedAt on the clock of `performance.now`
 * @param {{step: (index: number) => void, colour: (name: ?string) => void}} told on each change
 * @param {AbortSignal} signal
 * @returns {Promise<void>} when the time is over; rejects when it is called off
 */
export function play(challenge, startedAt, told, signal) {
  return new Promise((resolve, reject) => {
    let [step, colour] = [-2, undefined];
    const tick = () => {
      if (signal.aborted) return stop(reject);
      const now = at(challenge, performance.now() - startedAt);
      if (now.step !== step) told.step((step = now.step));
      if (now.colour !== colour) told.colour((colour = now.colour));
      if (now.isOver) stop(resolve);
    };
    // Not by animation frames: a page in the background would stand still without noticing.
    const timer = setInterval(tick, 20);
    const stop = (end) => {
      clearInterval(timer);
      told.colour(null);
      end(new Error("called off"));
    };
    tick();
  });
}

const PRACTICE_MS = 3600;
const STILL_FACE = ["no_turn", "bedridden"];

/**
 * Steps to try out, made up here: they say nothing of what will be asked.
 * @param {string[]} needs
 * @returns {import("./state.js").Challenge}
 */
export function practice(needs) {
  const isStill = needs.some((need) => STILL_FACE.includes(need));
  const actions = isStill ? ["open_mouth", "phone_left"] : ["turn_left", "nod", "open_mouth"];
  const steps = actions.map((action, i) => ({
    action,
    onset_ms: 1200 + i * PRACTICE_MS,
    window_ms: PRACTICE_MS,
  }));
  return { steps, duration_ms: 1200 + actions.length * PRACTICE_MS, needs };
}
