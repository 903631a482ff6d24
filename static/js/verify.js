// Tells whether a file is byte for byte the paper of this page, without sending it anywhere:
// <label class="drop" data-expected="sha256 in hex"><input type="file"><output></output></label>
"use strict";

(() => {
  async function digest(file) {
    const sum = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    return [...new Uint8Array(sum)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  for (const drop of document.querySelectorAll(".drop[data-expected]")) {
    const output = drop.querySelector("output");
    const input = drop.querySelector("input[type=file]");
    if (!window.crypto || !crypto.subtle) continue; // only on a secure address; the form still goes to the server

    const check = async (file) => {
      if (!file) return;
      output.className = "";
      output.textContent = `正在核对 ${file.name}…`;
      const same = (await digest(file)) === drop.dataset.expected.toLowerCase();
      output.className = same ? "message message-done" : "message message-stop";
      output.textContent = same ? `一致：“${file.name}”与本系统留存的文件逐字节相同。` : `不一致：“${file.name}”不是本页所列的文件，或已被改动。`;
    };

    input.addEventListener("change", () => check(input.files[0]));
    for (const name of ["dragenter", "dragover"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.add("drop-over");
      });
    }
    for (const name of ["dragleave", "drop"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.remove("drop-over");
      });
    }
    drop.addEventListener("drop", (event) => check(event.dataTransfer.files[0]));
  }
})();
