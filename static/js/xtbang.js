// Makes pages quicker; every page works without it. Plain script, no inline styles, nothing from other hosts.
"use strict";

(() => {
  document.documentElement.classList.add("js");

  // ---- a date that is pasted in another spelling than the control's own: 2026年11月23日, 2026/11/23; what only the server can
  // read, or refuse with the reason, stands in the box as text

  document.addEventListener("paste", (event) => {
    const box = event.target;
    if (!box.matches("input[type=date], input[type=datetime-local]")) return;
    const text = event.clipboardData.getData("text").normalize("NFKC").trim();
    if (!text) return;
    const part = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[\sT]*(\d{1,2})[:时](\d{2})分?)?$/.exec(text);
    event.preventDefault();
    box.value = "";
    if (part && (part[4] !== undefined) === (box.type !== "date")) {
      const two = (number) => number.padStart(2, "0");
      box.value = `${part[1]}-${two(part[2])}-${two(part[3])}${part[4] ? `T${two(part[4])}:${part[5]}` : ""}`;
    }
    if (!box.value) {
      box.type = "text";
      box.value = text;
    }
    touched(box);
  });

  // ---- counting 字数: the server gives the pattern, so that both count alike

  const source = document.body.dataset.countPattern;
  const pattern = source ? new RegExp(source, "gu") : null;

  /** Number of 字 in a text, as the server counts them. */
  function count(text) {
    return pattern ? (text.match(pattern) || []).length : 0;
  }

  function showCount(box) {
    const line = document.querySelector(`[data-count-for="${CSS.escape(box.id)}"]`);
    if (!line || !pattern) return;
    const limit = Number(box.dataset.limit);
    const used = count(box.value);
    const left = limit - used;
    line.textContent = left < 0 ? `已写 ${used} 字，超出 ${-left} 字（不超过 ${limit} 字）` : `已写 ${used} 字，还可写 ${left} 字`;
    line.classList.toggle("count-over", left < 0);
    line.classList.toggle("count-near", left >= 0 && left <= limit * 0.1);
  }

  for (const box of document.querySelectorAll("[data-count]")) showCount(box);
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-count]")) showCount(event.target);
  });

  // ---- a text of one line whose box grows with it

  const grows = CSS.supports("field-sizing", "content");

  /** The box as high as its text, where the style sheet cannot do it. */
  function fit(box) {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + box.offsetHeight - box.clientHeight}px`;
  }

  if (!grows) for (const box of document.querySelectorAll("[data-line]")) fit(box);
  document.addEventListener("input", (event) => {
    if (!grows && event.target.matches("[data-line]")) fit(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing && event.target.matches("[data-line]")) event.preventDefault();
  });

  // ---- the server's clock, and what is left until a deadline

  const clock = document.querySelector("[data-clock]");
  // the head of the answer, where there is one, is newer than a page that the browser has kept
  const told = performance.getEntriesByType("navigation")[0]?.serverTiming?.find((item) => item.name === "now");
  const ahead = clock ? (told ? told.duration : Date.parse(clock.dateTime)) - Date.now() : 0;
  const beijing = new Intl.DateTimeFormat("en-CA", {
    timeZone: "Asia/Shanghai", hourCycle: "h23",
    year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
  });

  /** The server's time in Beijing as {year, month, day, hour, minute, second}. */
  function now() {
    return Object.fromEntries(beijing.formatToParts(Date.now() + ahead).map((part) => [part.type, part.value]));
  }

  /** "12:30:05" by the server's clock. */
  function timeOfDay() {
    const t = now();
    return `${t.hour}:${t.minute}:${t.second}`;
  }

  function remaining(milliseconds) {
    const minutes = Math.floor(milliseconds / 60000);
    if (milliseconds <= 0) return "已截止";
    if (minutes < 60) return `还剩 ${minutes} 分 ${String(Math.floor(milliseconds / 1000) % 60).padStart(2, "0")} 秒`;
    if (minutes < 1440) return `还剩 ${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分`;
    return `还剩 ${Math.floor(minutes / 1440)} 天 ${Math.floor(minutes / 60) % 24} 小时`;
  }

  const deadlines = [...document.querySelectorAll("[data-deadline]")];
  for (const item of deadlines) item.title = item.textContent;

  function tick() {
    if (clock) {
      const t = now();
      clock.textContent = `${t.year}年${Number(t.month)}月${Number(t.day)}日 ${timeOfDay()}`;
    }
    for (const item of deadlines) {
      const left = Date.parse(item.dataset.deadline) - Date.now() - ahead;
      const text = remaining(left);
      if (item.textContent !== text) item.textContent = text;
      item.classList.toggle("due-near", left > 0 && left < 3 * 86400000);
      item.classList.toggle("due-late", left <= 0);
    }
  }
  if (clock || deadlines.length) {
    tick();
    setInterval(tick, 1000);
  }

  // ---- the running sum of amounts that are filled in for many projects; what counts is decided by the server

  function runningSums() {
    const figure = (number) => number.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 6 });
    for (const sum of document.querySelectorAll("[data-sum-of]")) {
      const name = CSS.escape(sum.dataset.sumOf);
      const boxes = [...document.querySelectorAll(`[data-adds-to="${name}"] .is-money`)];
      if (!boxes.length) continue;
      const chosen = boxes.filter((box) => box.closest("tr").querySelector("[name=take]").checked);
      const total = chosen.reduce((all, box) => all + (Number(box.value.replace(/[,，\s]/g, "")) || 0), 0);
      const rest = document.querySelector(`[data-rest-of="${name}"]`);
      const left = Number(rest.dataset.left.replace(/,/g, "")) - total;
      sum.textContent = figure(total);
      rest.textContent = figure(left);
      rest.classList.toggle("rest-short", left < -1e-9);
    }
  }
  document.addEventListener("input", runningSums);
  document.addEventListener("change", runningSums);

  // ---- rows of a table that is filled in

  function renumber(rows) {
    const name = rows.dataset.rows;
    const at = new RegExp(`(^|-)(${name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")})-\\d+(?=-|$)`);
    [...rows.querySelectorAll("tr[data-row]")].forEach((row, index) => {
      for (const number of row.querySelectorAll("[data-row-number]")) number.textContent = index + 1;
      for (const part of row.querySelectorAll("[name], [id], [for]")) {
        for (const attribute of ["name", "id", "for", "aria-describedby"]) {
          const value = part.getAttribute(attribute);
          if (value) part.setAttribute(attribute, value.replace(at, `$1$2-${index}`));
        }
      }
    });
    const add = rows.querySelector("[data-row-add]");
    add.disabled = rows.querySelectorAll("tr[data-row]").length >= Number(rows.dataset.max);
  }

  function blank(row) {
    for (const extra of row.querySelectorAll(".field-error, .file-kept, input[type=hidden], .form-hint")) extra.remove();
    for (const output of row.querySelectorAll("output")) output.textContent = "";
    for (const box of row.querySelectorAll("input, textarea, select")) {
      if (box.type === "checkbox" || box.type === "radio") box.checked = false;
      else box.value = "";
      box.classList.remove("is-invalid");
      box.removeAttribute("aria-invalid");
      box.removeAttribute("aria-describedby");
    }
    return row;
  }

  function touched(element) {
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }

  document.addEventListener("click", (event) => {
    const add = event.target.closest("[data-row-add]");
    const remove = event.target.closest("[data-row-remove]");
    const rows = (add || remove) && event.target.closest("[data-rows]");
    if (!rows) return;
    const all = rows.querySelectorAll("tr[data-row]");
    if (add && all.length < Number(rows.dataset.max)) {
      const last = all[all.length - 1];
      const fresh = blank(last.cloneNode(true));
      last.after(fresh);
      renumber(rows);
      fresh.querySelector("input, textarea, select").focus();
    } else if (remove) {
      const row = remove.closest("tr");
      if (row.previousElementSibling && row.previousElementSibling.matches(".rows-error")) row.previousElementSibling.remove();
      if (all.length === 1) blank(row);
      else row.remove();
      renumber(rows);
      rows.querySelector("[data-row-add]").focus();
    }
    touched(rows);
  });

  // ---- what is too large is not sent: the server would refuse it, and the page holds it still

  const megabytes = (bytes) => `${Math.ceil(bytes / 1048576 * 10) / 10} MB`;

  /** The sentence on what is too large in a form, "" when nothing is. */
  function tooLarge(form, data) {
    const { fileLimit, filesLimit, textLimit, plainLimit } = document.body.dataset;
    let files = 0;
    let texts = 0;
    const multipart = form.enctype === "multipart/form-data";
    for (const [name, value] of data.entries()) {
      if (!(value instanceof File)) texts += multipart ? new Blob([name, value]).size : encodeURIComponent(name + value).length;
      else if (value.size > Number(fileLimit)) return `“${value.name}”有 ${megabytes(value.size)}，单个文件不超过 ${megabytes(fileLimit)}，请压缩后再选。`;
      else files += value.size;
    }
    if (files + texts > Number(filesLimit)) return `文件合计 ${megabytes(files)}，一次最多 ${megabytes(filesLimit)}，请分次上传。`;
    const most = multipart ? textLimit : plainLimit;
    return texts > Number(most) ? `填写的文字有 ${megabytes(texts)}，最多 ${megabytes(most)}，请删减。` : "";
  }

  function tellTooLarge(form) {
    const large = tooLarge(form, new FormData(form));
    let line = form.querySelector("[data-too-large]");
    if (large && !line) {
      line = document.createElement("p");
      line.className = "message message-stop";
      line.setAttribute("role", "alert");
      line.dataset.tooLarge = "";
      (form.querySelector(".form-bar, .buttons") || form).before(line);
    }
    if (line) {
      line.hidden = !large;
      line.textContent = large && `没有提交：${large}您填写的内容都还在本页。`;
    }
    return large !== "";
  }

  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || event.target.matches("[data-expected]") || !tellTooLarge(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    event.target.querySelector("[data-too-large]").scrollIntoView({ block: "center" });
  }, true);
  document.addEventListener("change", (event) => {
    if (event.target.matches("form[method=post] input[type=file]") && !event.target.closest("[data-expected]")) tellTooLarge(event.target.form);
  });

  // ---- a page that answers a form has an address of its own: Back and reload lead to it instead of asking

  const again = document.querySelector("meta[name=shown-again-at]");
  if (again) history.replaceState(null, "", again.content);

  // without script the server leads such a page to an address itself
  document.addEventListener("formdata", (event) => {
    if (event.target.method === "post") event.formData.set("scripted", "1");
  });

  // ---- a form is sent once

  function release(form) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[data-repeatable]")) return;
    if (event.submitter && event.submitter.formTarget === "_blank") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
    setTimeout(() => release(form), 15000); // a lost connection must not lock the page
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

  // ---- small things

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.fold[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    if (event.target.closest("[data-print]")) window.print();
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.fold[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // one box of a form that ticks all of a name (data-check-all="id"), one for every row of the filter (data-check-every),
  // and the number of those that are ticked
  document.addEventListener("change", (event) => {
    const all = event.target.form && event.target.form.querySelector("[data-check-all]");
    if (!all) return;
    const form = event.target.form;
    const every = form.querySelector("[data-check-every]");
    const boxes = [...form.elements].filter((box) => box.name === all.dataset.checkAll);
    if (event.target === all) boxes.forEach((box) => { box.checked = all.checked; });
    if (event.target === every && every.checked) boxes.forEach((box) => { box.checked = true; });
    else if (every && event.target !== every && boxes.some((box) => !box.checked)) every.checked = false;
    const checked = boxes.filter((box) => box.checked).length;
    all.checked = checked > 0 && checked === boxes.length;
    all.indeterminate = checked > 0 && checked < boxes.length;
    for (const number of form.querySelectorAll("[data-checked-count]")) number.textContent = every && every.checked ? every.dataset.checkEvery : checked;
  });

  const summary = document.querySelector("[data-summary]");
  if (summary) summary.focus();

  window.xtbang = { count, timeOfDay, tooLarge };
})();
