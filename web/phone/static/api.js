/** Calls of the acts under /m/act. */
import { page } from "./page.js";

const ANSWER_WITHIN_MS = 30000;

/** The server said no, in words. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {{code: string, say: string, do: string, next_channel: string, params: any}} problem
   */
  constructor(status, problem) {
    super(problem.code);
    this.status = status;
    this.code = problem.code;
    this.problem = problem;
  }
}

/** No answer came: no line, a cut, or nobody there. Asking again is right. */
export class Unreachable extends Error {}

/**
 * @param {string} method
 * @param {string} path below /m/act
 * @param {{json?: any, body?: ArrayBuffer, headers?: Object<string, string>, withinMs?: number}} [sent]
 * @returns {Promise<any>}
 */
export async function call(method, path, sent) {
  const given = sent || {};
  const headers = Object.assign({ "Jianzai-Page": "1", Accept: "application/json" }, given.headers);
  let body = given.body;
  if (given.json !== undefined) {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify(given.json);
  }
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), given.withinMs || ANSWER_WITHIN_MS);
  try {
    const answer = await fetch(page.base + "/act/" + path, {
      method,
      headers,
      body,
      credentials: "same-origin",
      cache: "no-store",
      signal: cut.signal,
    });
    return await read(answer);
  } catch (error) {
    throw error instanceof Refused ? error : new Unreachable(String(error));
  } finally {
    clearTimeout(timer);
  }
}

async function read(answer) {
  if (answer.status === 204) return null;
  const document = await answer.json();
  if (answer.ok) return document;
  if (!document.code) throw new Unreachable("answer " + answer.status); // somebody on the way
  throw new Refused(answer.status, document);
}
