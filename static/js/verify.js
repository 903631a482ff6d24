// Tells whether a file is byte for byte the paper of this page, without sending it anywhere where the browser can count:
// <form data-expected="sha256 in hex" data-size="in bytes" data-same="一致：{name}…" data-other data-none data-unreadable
// data-busy><label class="drop"><input type="file"></label><output></output><button></form>
"use strict";

(() => {
  for (const form of document.querySelectorAll("form[data-expected]")) {
    const drop = form.querySelector(".drop");
    const input = form.querySelector("input[type=file]");
    const output = form.querySelector("output");
    let turn = 0; // of the file that was chosen last: only that one is spoken of

    const quoted = (text) => `“${text.replaceAll("“", "‘").replaceAll("”", "’")}”`;

    function say(tone, sentence, name = "") {
      output.className = `message message-${tone}`;
      output.textContent = form.dataset[sentence].replace("{name}", () => quoted(name));
      output.hidden = false;
    }

    async function digest(file) {
      const sum = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
      return [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }

    // true, false, or null when only the server can tell (crypto.subtle is missing on plain http)
    async function same(file) {
      await file.slice(0, 1).arrayBuffer(); // throws for a folder or a file that is gone
      if (file.size !== Number(form.dataset.size)) return false;
      if (!window.crypto || !crypto.subtle) return null;
      return (await digest(file)) === form.dataset.expected.toLowerCase();
    }

    async function check(file) {
      turn += 1;
      const mine = turn;
      if (!file) {
        say("wait", "none");
        return;
      }
      say("info", "busy", file.name);
      try {
        const answer = await same(file);
        if (mine !== turn) return;
        if (answer === null) form.submit();
        else say(answer ? "done" : "stop", answer ? "same" : "other", file.name);
      } catch {
        if (mine === turn) say("stop", "unreadable", file.name);
      }
    }

    function dropped(file) {
      if (file) {
        const held = new DataTransfer(); // the field shows, and sends, what was dropped
        held.items.add(file);
        input.files = held.files;
      }
      check(file);
    }

    input.addEventListener("change", () => check(input.files[0]));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      check(input.files[0]);
    });

    // anywhere on the page: a file that misses the field must not take the place of the page
    const brought = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
    document.addEventListener("dragover", (event) => {
      if (!brought(event)) return;
      event.preventDefault();
      drop.classList.add("drop-over");
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) drop.classList.remove("drop-over");
    });
    document.addEventListener("drop", (event) => {
      if (!brought(event)) return;
      event.preventDefault();
      drop.classList.remove("drop-over");
      dropped(event.dataTransfer.files[0]);
    });
  }
})();
