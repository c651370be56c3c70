/** SHA-256 (FIPS 180-4): the browser's where it has one, ours on plain http, where it has none. */

const PRIMES = firstPrimes(64);
const ROUND = PRIMES.map((p) => fraction(Math.cbrt(p)));
const START = PRIMES.slice(0, 8).map((p) => fraction(Math.sqrt(p)));

function firstPrimes(count) {
  const found = [];
  for (let n = 2; found.length < count; n++) {
    if (found.every((p) => n % p)) found.push(n);
  }
  return found;
}

function fraction(root) {
  return ((root - Math.floor(root)) * 4294967296) >>> 0;
}

/** @param {ArrayBuffer} bytes @returns {Promise<string>} hex */
export async function sha256(bytes) {
  const subtle = globalThis.crypto && globalThis.crypto.subtle;
  return hex(subtle ? new Uint8Array(await subtle.digest("SHA-256", bytes)) : plainSha256(bytes));
}

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** @param {ArrayBuffer} bytes @returns {Uint8Array} */
export function plainSha256(bytes) {
  const input = new Uint8Array(bytes);
  const whole = input.length - (input.length % 64);
  const sums = Uint32Array.from(START);
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  for (let at = 0; at < whole; at += 64) mix(sums, view, at);
  const rest = input.subarray(whole);
  const tail = new Uint8Array(rest.length < 56 ? 64 : 128);
  tail.set(rest);
  tail[rest.length] = 0x80;
  const end = new DataView(tail.buffer);
  end.setUint32(tail.length - 8, Math.floor(input.length / 536870912));
  end.setUint32(tail.length - 4, (input.length * 8) >>> 0);
  for (let at = 0; at < tail.length; at += 64) mix(sums, end, at);
  const out = new DataView(new ArrayBuffer(32));
  sums.forEach((sum, i) => out.setUint32(4 * i, sum));
  return new Uint8Array(out.buffer);
}

const words = new Uint32Array(64);

function mix(sums, view, at) {
  for (let i = 0; i < 16; i++) words[i] = view.getUint32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const [x, y] = [words[i - 15], words[i - 2]];
    const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    words[i] = words[i - 16] + s0 + words[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = sums;
  for (let i = 0; i < 64; i++) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((x, i) => (sums[i] += x));
}

function turn(x, n) {
  return (x >>> n) | (x << (32 - n));
}
