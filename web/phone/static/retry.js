/** How long to wait before asking again: twice as long each time, and never all phones at once. */

const FIRST_MS = 800;
const LONGEST_MS = 20000;

/**
 * @param {number} attempt 0 for the first
 * @param {() => number} [chance] uniform over 0..1
 */
export function delayMs(attempt, chance) {
  const whole = Math.min(LONGEST_MS, FIRST_MS * Math.pow(2, attempt));
  return Math.round(whole * (0.5 + 0.5 * (chance || Math.random)()));
}

/** Wait, or less when the line comes back. @param {number} ms */
export function wait(ms) {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      removeEventListener("online", over);
      resolve(undefined);
    };
    const timer = setTimeout(over, ms);
    addEventListener("online", over);
  });
}
