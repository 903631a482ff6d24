// Keeps what is typed: <form data-autosave-url="…"> is sent 1.5 s after the typing stops and on leaving a field; the answer is
// JSON {ok, version, seen, message, todo}. When nobody is signed in any more it is sent again once somebody is: the token of the
// page is the person's own and still holds. Files go with the ordinary buttons only. Without JavaScript the 保存草稿 button does the same.
"use strict";

(() => {
  const PAUSE = 1500;
  const RETRY = 10000;
  const SIGN_IN = "/login";
  const SIGNED_IN = "/desk"; // its menu signs out whoever is signed in

  class Busy extends Error {}

  function keep(form) {
    const line = form.querySelector("[data-saved]") || form.appendChild(document.createElement("p"));
    line.classList.add("saved");
    line.setAttribute("role", "status");
    let dirty = false; // typed since the last send
    let busy = false; // a request is under way
    let halted = false; // someone else changed the draft: nothing is overwritten unseen
    let refused = false; // too long: not sent again before something is typed
    let away = false; // not signed in, or as somebody else: sent again when the window is looked at
    let leaving = false;
    let timer = 0;

    let held = null; // what changes on the page once the button is released that is pressed: nothing moves under it

    function show(change) {
      if (held) held.push(change);
      else change();
    }

    function say(text, tone, link) {
      show(() => {
        line.textContent = text;
        line.className = `saved${tone ? ` saved-${tone}` : ""}`;
        if (link) line.append(link);
      });
    }

    function content() {
      const data = new FormData(form);
      for (const [name, value] of [...data.entries()]) {
        if (value instanceof File) {
          const typed = data.getAll(name).filter((part) => !(part instanceof File));
          data.delete(name);
          for (const part of typed) data.append(name, part);
        }
      }
      return data;
    }

    function later(wait) {
      clearTimeout(timer);
      timer = setTimeout(save, wait);
    }

    async function save(last = false) {
      clearTimeout(timer);
      if (!dirty || busy || halted || refused || leaving) return;
      dirty = false;
      busy = true;
      let pause = PAUSE;
      try {
        const data = content();
        const large = window.xtbang.tooLarge(form, data);
        if (large) {
          refused = dirty = true;
          busy = false;
          say(`尚未保存：${large}您写的内容仍在本页。`, "bad");
          return;
        }
        if (!away) say("正在保存…");
        await answered(await sent(data, last === true));
      } catch (error) {
        dirty = true;
        pause = RETRY;
        const why = error instanceof Busy ? error.message : "暂时连不上服务器";
        say(`${why}，尚未保存；您写的内容仍在本页，稍后自动重试。`, "bad");
      }
      busy = false;
      if (dirty && !halted && !refused) later(away ? RETRY : pause);
    }

    function sent(data, leaving) {
      const send = (keepalive) => fetch(form.dataset.autosaveUrl, {
        method: "POST",
        body: data,
        headers: { "X-CSRFToken": data.get("csrf_token") || "", Accept: "application/json" },
        credentials: "same-origin",
        keepalive,
      });
      return leaving ? send(true).catch(() => send(false)) : send(false); // browsers keep 64 KB alive and refuse more
    }

    async function answered(response) {
      const json = !response.redirected && (response.headers.get("Content-Type") || "").includes("json");
      const result = json ? await response.json() : {};
      away = false;
      if (result.ok) {
        for (const box of form.querySelectorAll(`[name="${form.dataset.versionField || "version"}"]`)) box.value = result.version;
        for (const [key, lines] of Object.entries(result.beside || {})) {
          const box = form.querySelector(`[data-beside="${key}"]`);
          if (box) show(() => { box.innerHTML = lines; });
        }
        for (const box of form.querySelectorAll("[name=draft_seen]")) box.value = result.seen;
        say(result.message || `已保存 ${window.xtbang.timeOfDay()}`, "ok");
        return;
      }
      if (response.status >= 500) throw new Busy(response.status === 503 ? (result.message || "系统繁忙").replace(/。$/, "") : `系统出错（编号 ${result.number || "无"}）`);
      dirty = true;
      if (response.status === 401 || response.status === 400 || response.redirected) {
        away = true;
        const why = response.status === 400 && result.message ? result.message : "登录已过期，或已在别处退出。";
        const link = document.createElement("a");
        const [href, textContent] = result.other ? [SIGNED_IN, "在新窗口退出"] : [SIGN_IN, "在新窗口登录"];
        Object.assign(link, { href, textContent, target: "_blank", rel: "noopener" });
        say(`尚未保存：${why}您写的内容仍在本页，${result.other ? "退出后用原来的账号登录" : "登录"}后自动接着保存。`, "bad", link);
        return;
      }
      if (response.status === 422 || response.status === 413) {
        refused = true;
        say(result.message || "填写的内容过多，尚未保存。您写的内容仍在本页，请删减。", "bad");
        return;
      }
      halted = true;
      say(result.message ? `${result.message}${result.todo || ""}` : "尚未保存，您写的内容仍在本页。请按“保存草稿”。", "bad");
    }

    form.addEventListener("input", (event) => {
      if (event.target.type === "file") return;
      dirty = true;
      refused = false;
      later(PAUSE);
    });
    form.addEventListener("focusout", () => save());
    form.addEventListener("pointerdown", (event) => { if (event.target.closest("button, a")) held = held || []; });
    for (const name of ["pointerup", "pointercancel"]) {
      window.addEventListener(name, () => setTimeout(() => { // after the click that this is
        const changes = held || [];
        held = null;
        changes.forEach((change) => change());
      }));
    }
    form.addEventListener("submit", (event) => {
      if (event.submitter && event.submitter.formTarget === "_blank") return; // a preview in a window of its own
      if (busy) { // what is on its way first: otherwise the two would meet as if two people wrote
        event.preventDefault();
        const wait = setInterval(() => {
          if (busy) return;
          clearInterval(wait);
          form.requestSubmit(event.submitter);
        }, 40);
        leaving = true;
        return;
      }
      leaving = true;
      setTimeout(() => { leaving = false; }, 15000);
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden") save(true);
      else if (away) save();
    });
    window.addEventListener("focus", () => { if (away) save(); });
    window.addEventListener("pageshow", () => { leaving = false; });
    window.addEventListener("beforeunload", (event) => {
      const chosen = [...form.querySelectorAll("input[type=file]")].some((box) => box.files.length);
      if (!leaving && (dirty || busy || chosen)) event.preventDefault();
    });
  }

  for (const form of document.querySelectorAll("form[data-autosave-url]")) keep(form);

  // forms without a draft on the server: only ask before they are left
  for (const form of document.querySelectorAll("form[data-unsaved]")) {
    let dirty = false;
    form.addEventListener("input", () => { dirty = true; });
    form.addEventListener("submit", () => { dirty = false; });
    window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  }
})();
