/** Citizen identity numbers (GB 11643): the check digit and the day of birth. */

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK = "10X98765432"; // by the remainder, ISO 7064 MOD 11-2

/**
 * @param {string} text 18 characters
 * @returns {?string} the day of birth as YYYY-MM-DD; null when a digit must be wrong
 */
export function birthDate(text) {
  if (!/^[1-9]\d{16}[\dX]$/.test(text)) return null;
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(text[i]), 0);
  if (CHECK[sum % 11] !== text[17]) return null;
  const [year, month, date] = [text.slice(6, 10), text.slice(10, 12), text.slice(12, 14)];
  const at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(date)));
  const isReal = at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(date);
  return isReal && Number(year) >= 1880 ? [year, month, date].join("-") : null;
}
