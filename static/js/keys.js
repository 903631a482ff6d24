// Keys for officers: j and k move in a list or a queue, x ticks a row, Enter opens it; on a form with a checklist a ticks what is left,
// a digit one line, Enter sends it. Never while something is typed, and only where the page shows its legend; it can be switched off.
"use strict";

// On every page of an officer / leads to the box of the search.
(() => {
  const box = document.querySelector("#find");
  if (!box) return;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    let on = true;
    try {
      on = localStorage.getItem("xtbang-keys") !== "off";
    } catch { /* a browser that keeps nothing */ }
    if (!on || event.target.isContentEditable || event.target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])")) return;
    event.preventDefault();
    box.focus();
  });
})();

(() => {
  const legend = document.querySelector("[data-keys-legend]");
  if (!legend) return;
  const NAME = "xtbang-keys";
  const button = legend.querySelector("[data-keys-switch]");
  let on = true;
  try {
    on = localStorage.getItem(NAME) !== "off";
  } catch { /* a browser that keeps nothing */ }

  function show() {
    legend.classList.toggle("keys-off", !on);
    button.textContent = on ? "关闭快捷键" : "打开快捷键";
    button.setAttribute("aria-pressed", String(!on));
  }
  show();
  button.addEventListener("click", () => {
    on = !on;
    try {
      localStorage.setItem(NAME, on ? "on" : "off");
    } catch { /* then until the page is left */ }
    show();
  });

  const rows = [...document.querySelectorAll("tr[data-line], li[data-line]")];
  let at = -1;

  function move(to) {
    if (!rows.length) return;
    if (rows[at]) rows[at].classList.remove("is-here");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].classList.add("is-here");
    rows[at].scrollIntoView({ block: "nearest" });
  }

  const form = document.querySelector("form[data-ticked-by-key]");
  const lines = form ? [...form.querySelectorAll(".ticks input[type=checkbox]")] : [];

  function tick(box, checked) {
    box.checked = checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function types(target) {
    return target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox]):not([type=radio])");
  }

  function inList(key) {
    const row = rows[at];
    if (key === "j") move(at + 1);
    else if (key === "k") move(at - 1);
    else if (key === "x" && row && row.querySelector("input[type=checkbox]")) {
      const box = row.querySelector("input[type=checkbox]");
      tick(box, !box.checked);
    } else if (key === "Enter" && row) (row.querySelector("[data-line-next]") || row.querySelector("a")).click();
    else return false;
    return true;
  }

  function inForm(key) {
    const link = document.querySelector(`[data-key="${key}"]`);
    if (link) link.click();
    else if (key === "a" && lines.length) lines.forEach((box) => tick(box, true));
    else if (/^[1-9]$/.test(key) && lines[key - 1]) tick(lines[key - 1], !lines[key - 1].checked);
    else if (key === "Enter" && form) form.requestSubmit(form.querySelector("button[type=submit]"));
    else return false;
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (!on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    const target = event.target;
    if (types(target) || (event.key === "Enter" && target.matches("a, button, summary, input"))) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (/^[a-z0-9]$|^Enter$/.test(key) && (rows.length ? inList(key) : inForm(key))) event.preventDefault();
  });
})();
