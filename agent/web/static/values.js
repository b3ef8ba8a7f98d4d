// Values of papers: Enter keeps a field and goes on to the next that waits; the page around a field is shown beside it.
"use strict";
(() => {
  const fields = () => [...document.querySelectorAll("[data-value-row] input[name=value]")];
  const changed = (field) => field.value !== field.dataset.was;
  const show = (field) => {
    const look = document.getElementById("look-at");
    if (!look || !field.dataset.page) return;
    const [x, y, wide, high] = field.dataset.box.split(" ");
    look.setAttribute("viewBox", field.dataset.around);
    look.querySelector("use").setAttribute("href", "#page-" + field.dataset.page);
    look.querySelector("use").setAttribute("transform", field.dataset.turn);
    Object.entries({ x, y, width: wide, height: high }).forEach(([name, value]) => look.querySelector("rect").setAttribute(name, value));
  };
  const go = (field) => { if (field) { field.focus(); field.select(); } };
  const onward = (after) => { // the next that waits, from there on and round again; then the foot's key
    const all = fields(), at = all.findIndex((one) => one.id === after);
    const next = [...all.slice(at + 1), ...all.slice(0, at)].find((one) => !("settled" in one.dataset));
    if (next) go(next); else { document.activeElement.blur(); document.querySelector("[data-after]").scrollIntoView({ block: "nearest" }); }
  };

  const waiting = new Set(); // fields that are being kept
  let busy = Promise.resolve(); // one after the other: Enter may be hit faster than the disk writes
  document.addEventListener("click", (e) => { // the page is left once all is kept
    const target = e.target.closest("a, button");
    if (!waiting.size || !target) return;
    e.preventDefault(); e.stopPropagation();
    busy.then(() => target.isConnected && target.click());
  }, true);
  const keep = async (form, field) => {
    const body = new URLSearchParams(new FormData(form)), paper = field.closest("[data-paper]").dataset.paper;
    let answer;
    try { answer = await fetch(form.action, { method: "POST", headers: { "X-Part": "1" }, body, keepalive: true }); } catch { answer = null; }
    if (!answer || answer.redirected || (!answer.ok && answer.status !== 422 && answer.status !== 409 && answer.status !== 400)) {
      HTMLFormElement.prototype.submit.call(form); // the server says it on a page of its own
      return;
    }
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    const old = document.querySelector("[data-paper='" + paper + "']"), fresh = document.adoptNode(part.querySelector("[data-paper]"));
    const here = document.activeElement && document.activeElement.id, start = document.activeElement && document.activeElement.selectionStart;
    old.querySelectorAll("input[name=value]").forEach((one) => { // what is typed meanwhile in other fields stays
      const same = fresh.querySelector("#" + CSS.escape(one.id));
      if (same && one.id !== field.id && changed(one)) same.value = one.value;
      if (same && one.id !== field.id && waiting.has(one.id)) same.dataset.settled = "";
    });
    old.replaceWith(fresh);
    const told = part.getElementById("tally"), tally = document.getElementById("tally"), sure = document.querySelector("[data-key=F8]");
    if (told && tally) tally.textContent = told.textContent;
    if (told && sure) sure.disabled = told.dataset.sure === "0";
    const again = here && document.getElementById(here);
    if (!answer.ok) go(document.getElementById(field.id));
    else if (again && again.name === "value") { again.focus(); try { again.setSelectionRange(again === document.getElementById(field.id) ? 0 : start, again.value.length); } catch { /* not a text */ } }
  };
  const all = async (form) => { // what is sure, at once; pictures that are there are not fetched again
    let answer;
    try { answer = await fetch(form.action, { method: "POST", headers: { "X-Part": "1" }, body: new URLSearchParams(new FormData(form)), keepalive: true }); } catch { answer = null; }
    const page = answer && answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page || !page.querySelector("[data-paper]")) { HTMLFormElement.prototype.submit.call(form); return; }
    const typed = new Map(fields().filter(changed).map((one) => [one.id, one.value]));
    for (const part of ["#said", "#tally", "[data-paper]", "[data-key=F8]"]) {
      const fresh = [...page.querySelectorAll(part)];
      document.querySelectorAll(part).forEach((old, at) => { if (fresh[at]) old.replaceWith(document.adoptNode(fresh[at])); });
    }
    fields().forEach((one) => { if (typed.has(one.id)) one.value = typed.get(one.id); });
    onward("");
  };
  document.addEventListener("submit", (e) => {
    if (e.target.matches("form[data-all]")) {
      e.preventDefault(); e.stopPropagation();
      busy = busy.then(() => all(e.target));
      return;
    }
    if (!e.target.matches("form[data-value]")) return;
    e.preventDefault(); e.stopPropagation();
    const field = e.target.elements.value;
    const form = e.target.id, typed = field.value;
    field.dataset.settled = "";
    onward(field.id);
    waiting.add(field.id);
    busy = busy.then(() => { // its row may have been drawn anew meanwhile
      const now = document.getElementById(field.id);
      now.value = typed;
      return keep(document.getElementById(form), now);
    }).finally(() => waiting.delete(field.id));
  }, true);
  document.addEventListener("keydown", (e) => {
    const field = e.target;
    if (!field.matches || !field.matches("[data-value-row] input")) return;
    const all = fields(), at = all.indexOf(field);
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault(); go(all[at + (e.key === "ArrowDown" ? 1 : -1)]);
    } else if (e.key === "Escape" && changed(field)) { // first what was typed is taken back, then the page is left
      e.preventDefault(); field.value = field.dataset.was; field.select();
    }
  }, true);
  document.addEventListener("focusin", (e) => { if (e.target.matches("[data-value-row] input")) show(e.target); });
  addEventListener("DOMContentLoaded", () => {
    const first = document.querySelector("[data-value-row] input[autofocus]") || document.getElementById(location.hash.slice(1)) || fields()[0];
    if (first) { show(first); if (first.matches("[autofocus]")) go(first); }
  });
})();
