// Uploads files one after another with their progress, and looks at their size before any of them is sent. Without this
// the forms work by themselves, a file at a time.
"use strict";
(() => {
  const area = () => document.getElementById("files");

  function say(form, text, kind, action) {
    const line = document.createElement("p");
    line.className = kind;
    line.textContent = text;
    const told = form.querySelector(".going");
    told.replaceChildren(line);
    if (!action) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = area().dataset.again;
    button.addEventListener("click", action);
    told.append(" ", button);
  }

  function bar(form) {
    const shown = document.createElement("progress");
    shown.max = 100;
    shown.setAttribute("aria-label", form.querySelector("label").textContent);
    const line = document.createElement("p");
    form.querySelector(".going").replaceChildren(shown, line);
    return (done) => {
      shown.value = done;
      line.textContent = done < 100 ? area().dataset.going.replace("{n}", done) : area().dataset.examined;
    };
  }

  function tooLarge(form, file) {
    const limit = Number(area().dataset.limit);
    if (file.size <= limit) return false;
    const parts = area().dataset.parts.replace("{n}", Math.ceil(file.size / (limit * 0.95)));
    say(form, `${file.name}: ${area().dataset.large} ${parts}`, "bad");
    return true;
  }

  function show(answer, form) {
    const fresh = new DOMParser().parseFromString(answer, "text/html").getElementById("files");
    if (!fresh) return say(form, area().dataset.ended, "bad");
    area().replaceWith(document.adoptNode(fresh));
    wire();
    area().querySelector(".notice")?.scrollIntoView({ block: "center" });
  }

  function upload(form, files) {
    const [file, ...rest] = files;
    if (!file || tooLarge(form, file)) return;
    const request = new XMLHttpRequest(), body = new FormData(form), progress = bar(form);
    body.set("file", file);
    request.upload.addEventListener("progress", (at) => progress(Math.floor((100 * at.loaded) / at.total)));
    request.addEventListener("error", () => say(form, area().dataset.lost, "bad", () => upload(form, files)));
    request.addEventListener("load", () => {
      const id = form.closest("section").id;
      show(request.responseText, form);
      if (request.status === 200 && rest.length) upload(document.querySelector(`#${id} form.upload`), rest);
    });
    request.open("POST", form.action);
    request.setRequestHeader("X-Form-Token", area().dataset.token);
    request.send(body);
  }

  function wire() {
    for (const form of area().querySelectorAll("form.upload")) {
      const input = form.querySelector("input[type=file]");
      input.multiple = true;
      input.addEventListener("change", () => { for (const file of input.files) if (tooLarge(form, file)) return; });
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        upload(form, [...input.files]);
      });
    }
  }
  wire();
})();
