// What every page of the console has: the lock of an idle screen, and the keys.

const LOCK_AFTER_MS = Number(document.body.dataset.lockAfter || 0) * 1000;
const SEEN_EVERY_MS = 60_000;
let touched = Date.now();
let told = Date.now();

function post(path, fields) {
  const body = new URLSearchParams({ csrf: document.body.dataset.csrf, ...fields });
  return fetch(path, { method: "POST", body, redirect: "manual" });
}

function lock() {
  const dialog = document.getElementById("lock");
  if (!dialog || dialog.open) return;
  document.body.classList.add("locked");
  dialog.showModal();
}

async function unlock(event) {
  event.preventDefault();
  const form = event.target;
  const wrong = document.getElementById("lock-wrong");
  const answer = await post(form.action, { password: form.elements.password.value, here: "1" });
  form.elements.password.value = "";
  if (answer.status === 204) {
    wrong.textContent = "";
    touched = told = Date.now();
    document.body.classList.remove("locked");
    document.getElementById("lock").close();
  } else if (answer.status === 401) {
    wrong.textContent = "密码不对，请再输一次。";
  } else if (answer.status === 429) {
    wrong.textContent = "试得太多了，请过 15 分钟再来。";
  } else {
    location.reload();
  }
}

function watch() {
  const now = Date.now();
  if (now - touched > LOCK_AFTER_MS) lock();
  else if (touched > told && now - told > SEEN_EVERY_MS) {
    told = now;
    post("/office/seen", {}).catch(() => {});
  }
}

if (LOCK_AFTER_MS) {
  for (const kind of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    addEventListener(kind, () => { touched = Date.now(); }, { passive: true, capture: true });
  }
  document.getElementById("lock-form").addEventListener("submit", unlock);
  document.getElementById("lock").addEventListener("cancel", (event) => event.preventDefault());
  setInterval(watch, 5_000);
}

// Keys: / goes to the search, j and k walk a list, Enter opens, ? shows what there is.
const typing = (target) => target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

function walk(step) {
  const rows = [...document.querySelectorAll("[data-row] a[data-open]")];
  if (!rows.length) return;
  const at = rows.indexOf(document.activeElement);
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
  rows[Math.max(0, Math.min(rows.length - 1, next))].focus();
}

const KEYS = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  j: () => walk(1),
  k: () => walk(-1),
  "?": () => document.getElementById("keys")?.showModal(),
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
    return;
  }
  // An area gives a key to a button or a link by `data-key`.
  const wanted = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (wanted) {
    event.preventDefault();
    wanted.click();
    wanted.focus();
  }
});

// A form is sent once, however often the button is pressed.
addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.method === "get") return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; }, 4_000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
