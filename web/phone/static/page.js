/** What the server wrote into the page, and the few ways in which scripts touch it. */

/**
 * @typedef {Object} Office
 * @property {string} name
 * @property {?string} address
 * @property {?string} hours
 */

/** @type {{lang: string, base: string, pictures: string, vendor: string, speech: string, entry: string, words: Object<string, string>}} */
const given = JSON.parse(document.getElementById("page").textContent);

export const page = given;

/**
 * @param {string} id
 * @returns {any} the element; a page without it is broken and says so at once
 */
export function $(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error("no element " + id);
  return element;
}

/**
 * A sentence of the catalogue, its braces filled in.
 * @param {string} key
 * @param {Object<string, string|number>} [filled]
 */
export function word(key, filled) {
  const text = page.words[key];
  if (text === undefined) throw new Error("no word " + key);
  return text.replace(/\{(\w+)\}/g, (whole, name) =>
    filled && name in filled ? String(filled[name]) : whole,
  );
}

/**
 * @param {string} tag
 * @param {{text?: string, name?: string}} [is]
 */
export function make(tag, is) {
  const element = document.createElement(tag);
  if (is && is.text !== undefined) element.textContent = is.text;
  if (is && is.name) element.className = is.name;
  return element;
}

/** @param {string} name of a file in pictures/ */
export function picture(name) {
  return page.pictures + name + ".svg";
}

/**
 * A day in the words of the page: 2026年11月22日.
 * @param {string} iso YYYY-MM-DD, perhaps with a time behind it
 */
export function day(iso) {
  const [year, month, date] = iso.slice(0, 10).split("-").map(Number);
  const at = new Date(Date.UTC(year, month - 1, date, 12));
  const how = { year: "numeric", month: "long", day: "numeric", timeZone: "UTC" };
  return new Intl.DateTimeFormat(page.lang, how).format(at);
}

/**
 * Name, address and hours of a counter.
 * @param {HTMLElement} into
 * @param {Office} office
 */
export function showOffice(into, office) {
  into.textContent = "";
  const place = make("p", { name: "place" });
  place.append(make("strong", { text: office.name }));
  for (const line of [office.address, office.hours]) {
    if (line) place.append(make("br"), line);
  }
  into.append(place);
}
