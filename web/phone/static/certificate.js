/** The receipt as a picture that a phone can keep and a relative can be sent. */
import { day, page, word } from "./page.js";
import { state } from "./state.js";

const WIDTH = 900;
const MARGIN = 70;
const FONT = "'PingFang SC','Noto Sans CJK SC','WenQuanYi Zen Hei',sans-serif";

/** @param {any} receipt @returns {[string, string][]} what it says, line by line */
export function linesOf(receipt) {
  const lines = [
    [word("result.number"), receipt.certificate_number],
    [word("result.on"), day(receipt.certified_on)],
  ];
  for (const scheme of Object.keys(receipt.valid_until)) {
    const until = receipt.valid_until[scheme];
    if (until) lines.push([word("scheme." + scheme) + " " + word("result.until"), day(until)]);
  }
  return lines;
}

/** @param {any} receipt @returns {Promise<Blob>} PNG */
export function drawCertificate(receipt) {
  const lines = linesOf(receipt);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [WIDTH, 420 + 140 * lines.length];
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#0a5233";
  pen.fillRect(0, 0, canvas.width, 250);
  write(pen, word("result.picture_title"), { size: 44, y: 90, colour: "#fff" });
  write(pen, "✓ " + word("result.pass"), { size: 76, y: 195, colour: "#fff" });
  const who = state.who ? state.who.masked_name + "  " + state.who.masked_number : "";
  write(pen, who, { size: 48, y: 340, colour: "#14181b" });
  lines.forEach(([name, value], i) => {
    write(pen, name, { size: 36, y: 430 + 140 * i, colour: "#3a4247" });
    write(pen, value, { size: 50, y: 490 + 140 * i, colour: "#14181b" });
  });
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png");
  });
}

function write(pen, text, how) {
  pen.fillStyle = how.colour;
  pen.font = "bold " + how.size + "px " + FONT;
  pen.lang = page.lang;
  pen.fillText(text, MARGIN, how.y, WIDTH - 2 * MARGIN);
}
