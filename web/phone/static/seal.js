/**
 * Sealing to the server, version 1: what rests on the phone, nobody who finds the phone can open.
 * For each part an ephemeral P-256 pair; its secret and the AES key are gone when the part is sealed.
 */
import { sha256 } from "./sha256.js";

export const CHUNK_BYTES = 262144;
const TAG_BYTES = 16;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const text = new TextEncoder();

/** Whether this browser can seal at all: plain http has no cryptography. */
export function canSeal() {
  return Boolean(globalThis.crypto && globalThis.crypto.subtle);
}

/**
 * @param {{clientId: string, name: string, bytes: ArrayBuffer, mediaType: string,
 *   server: ?{key_id: string, public_key: string}}} part `server` null: sent as it is
 * @returns {Promise<{entry: any, chunks: ArrayBuffer[]}>} what the manifest says, and what is sent
 */
export async function packPart(part) {
  const sealed = part.server ? await sealPart(part) : { seal: null, chunks: cut(part.bytes, CHUNK_BYTES) };
  const entry = {
    name: part.name,
    sha256: await sha256(part.bytes),
    size: part.bytes.byteLength,
    media_type: part.mediaType,
    chunks: sealed.chunks.length,
    seal: sealed.seal,
  };
  return { entry, chunks: sealed.chunks };
}

async function sealPart(part) {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const ephemeral = base64(await crypto.subtle.exportKey("raw", pair.publicKey));
  const key = await deriveKey({
    secret: pair.privateKey,
    serverKey: part.server.public_key,
    clientId: part.clientId,
    name: part.name,
    ephemeral,
  });
  const plain = cut(part.bytes, CHUNK_BYTES - TAG_BYTES);
  const chunks = await sealChunks(key, part.clientId, part.name, plain);
  return { chunks, seal: { version: 1, key_id: part.server.key_id, ephemeral } };
}

/**
 * @param {{secret: CryptoKey, serverKey: string, clientId: string, name: string, ephemeral: string}} of
 * @returns {Promise<CryptoKey>} HKDF-SHA-256 over the shared point, bound to submission and part
 */
export async function deriveKey(of) {
  const point = unbase64(of.serverKey);
  const server = await crypto.subtle.importKey("raw", point, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: server }, of.secret, 256);
  const root = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const info = text.encode("jianzai seal 1|" + of.name + "|" + of.ephemeral);
  const how = { name: "HKDF", hash: "SHA-256", salt: text.encode(of.clientId), info };
  return crypto.subtle.deriveKey(how, root, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
}

/**
 * @param {CryptoKey} key
 * @param {string} clientId
 * @param {string} name
 * @param {ArrayBuffer[]} plain
 * @returns {Promise<ArrayBuffer[]>} ciphertext and tag of each, tied to its place
 */
export async function sealChunks(key, clientId, name, plain) {
  const sealed = [];
  for (let i = 0; i < plain.length; i++) {
    const iv = new Uint8Array(12);
    new DataView(iv.buffer).setUint32(8, i);
    const additionalData = text.encode([clientId, name, i, plain.length].join("|"));
    const how = { name: "AES-GCM", iv, additionalData };
    sealed.push(await crypto.subtle.encrypt(how, key, plain[i]));
  }
  return sealed;
}

/** @param {ArrayBuffer} bytes @param {number} most */
export function cut(bytes, most) {
  const pieces = [];
  for (let at = 0; at < bytes.byteLength; at += most) pieces.push(bytes.slice(at, at + most));
  return pieces;
}

/** @param {ArrayBuffer} bytes */
export function base64(bytes) {
  return btoa(String.fromCharCode.apply(null, Array.from(new Uint8Array(bytes))));
}

/** @param {string} given */
export function unbase64(given) {
  return Uint8Array.from(atob(given), (c) => c.charCodeAt(0));
}

/** An id for one submission: chance and nothing else. */
export function newClientId() {
  const bytes = new Uint8Array(18);
  crypto.getRandomValues(bytes);
  return base64(bytes.buffer).replace(/\+/g, "-").replace(/\//g, "_");
}
