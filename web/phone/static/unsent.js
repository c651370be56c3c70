/** What is not sent yet, sealed, so that a killed browser costs nothing. Wiped after the receipt. */

const DATABASE = "jianzai";
const STORE = "unsent";

/**
 * @typedef {Object} Unsent
 * @property {string} client_id
 * @property {any} manifest
 * @property {Object<string, ArrayBuffer[]>} chunks part -> sealed chunks
 */

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "client_id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(mode, act) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const dealing = database.transaction(STORE, mode);
      const asked = act(dealing.objectStore(STORE));
      dealing.oncomplete = () => resolve(asked.result);
      dealing.onerror = dealing.onabort = () => reject(dealing.error);
    });
  } finally {
    database.close();
  }
}

/**
 * @param {Unsent} unsent only ever sealed
 * @returns {Promise<boolean>} false when the browser keeps nothing: the page must stay open
 */
export async function keepUnsent(unsent) {
  try {
    await within("readwrite", (store) => store.put(unsent));
    return true;
  } catch (error) {
    return false;
  }
}

/** @returns {Promise<?Unsent>} */
export async function findUnsent() {
  try {
    const all = await within("readonly", (store) => store.getAll());
    return all[all.length - 1] || null;
  } catch (error) {
    return null;
  }
}

export async function wipeUnsent() {
  try {
    await within("readwrite", (store) => store.clear());
  } catch (error) {
    // Nothing was kept.
  }
}
