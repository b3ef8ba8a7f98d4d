// The counter: rows by arrow keys, the first field, uploads sent when chosen, a waiting page that follows its dossier.
"use strict";
(() => {
  const first = () => { const f = document.querySelector("[data-first]"); if (f && !document.querySelector("[data-focus]")) { f.focus(); if (f.select) f.select(); } };
  addEventListener("DOMContentLoaded", first);
  document.addEventListener("keydown", (e) => {
    if (e.key !== "ArrowDown" && e.key !== "ArrowUp") return;
    const table = document.querySelector("[data-rows]");
    if (!table || (e.target.matches("input, select, textarea") && e.target.value && e.target.type !== "search")) return;
    const stops = [...table.querySelectorAll("tbody a, tbody button")], at = stops.indexOf(document.activeElement);
    const next = stops[e.key === "ArrowDown" ? at + 1 : at - 1];
    if (next) { e.preventDefault(); next.focus(); }
  });
  document.addEventListener("click", (e) => { // the next step that wants a reason leads to its field
    if (!e.target.closest("[data-decide]")) return;
    const reason = document.querySelector(".judge input[name=reason]");
    if (reason) { e.preventDefault(); reason.focus(); }
  });
  document.addEventListener("click", (e) => { // what a key opens takes the cursor to what is asked there
    const summary = e.target.closest("details[data-into] > summary"), into = summary && summary.parentElement.querySelector("[data-asks]");
    if (into && !summary.parentElement.open) setTimeout(() => into.focus());
  });
  document.addEventListener("change", (e) => { // one tick ticks every page of the inbox
    if (e.target.matches("[data-tick-all]")) document.querySelectorAll(".feed .tick input").forEach((box) => { box.checked = e.target.checked; });
  });
  document.addEventListener("keydown", (e) => { // among the pages of feeds, and from page to page; never while something is typed
    if (e.ctrlKey || e.altKey || (e.target.matches("input, select, textarea") && !(e.target.id === "scan" && !e.target.value) && !e.target.matches("[type=checkbox]"))) return;
    const turn = document.querySelector(`[data-arrow="${e.key}"]`);
    if (turn) { e.preventDefault(); turn.click(); return; }
    const stops = [...document.querySelectorAll(".feed .thumbs a")], at = stops.indexOf(document.activeElement);
    if (e.key === " " && at >= 0) { e.preventDefault(); stops[at].closest("li").querySelector("input").click(); return; }
    const next = { ArrowRight: stops[at + 1], ArrowLeft: stops[at - 1] }[e.key];
    if (next) { e.preventDefault(); next.focus(); }
  });
  document.addEventListener("click", (e) => { // the next step that is a question leads to its first answer
    const first = e.target.closest("[data-into-asks]") && document.querySelector("#asks :is(select, button, input:not([type=hidden]))");
    if (first) { e.preventDefault(); first.focus(); }
  });
  document.addEventListener("change", (e) => {
    const form = e.target.closest("form[data-send-on-change]");
    if (form && e.target.type === "file" && e.target.files.length) form.requestSubmit();
  });
  document.addEventListener("keydown", (e) => { // F8 opens the chooser, not only focuses it
    if (e.key !== "F8" || e.repeat) return;
    const file = document.querySelector("input[type=file][data-key=F8]");
    if (file && file.getClientRects().length) { e.preventDefault(); file.click(); }
  }, true);

  // What the worker or the province did shows by itself; nothing that is being typed is touched.
  const PARTS = ["[data-mark]", ".foot", ".bar .soft", ".queues", ".top .end"];
  const keep = (old, now) => { // ticks stay, and pictures that are there are not fetched again
    const pictures = new Map([...old.querySelectorAll("img")].map((img) => [img.getAttribute("src"), img]));
    now.querySelectorAll("img").forEach((img) => { const same = pictures.get(img.getAttribute("src")); if (same) img.replaceWith(same); });
    const ticked = new Set([...old.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value));
    now.querySelectorAll("input[type=checkbox]").forEach((box) => { if (ticked.has(box.value)) box.checked = true; });
  };
  let busy = false, again = false, late = false;
  const look = async () => {
    const here = document.querySelector("[data-mark]");
    const said = here && await fetch(here.dataset.markUrl, { headers: { Accept: "application/json" } });
    if (!said || !said.ok || (await said.json()).mark === here.dataset.mark) return;
    if (here.contains(document.activeElement)) { late = true; return; }
    const page = await fetch(location.href.split("#")[0]);
    if (!page.ok) return;
    const text = await page.text();
    if (here.contains(document.activeElement)) { late = true; return; } // a field was entered meanwhile: not under the hand
    const fresh = new DOMParser().parseFromString(text, "text/html");
    for (const part of PARTS) {
      const [old, now] = [document.querySelector(part), fresh.querySelector(part)];
      if (old && now) { old.replaceWith(document.adoptNode(now)); keep(old, now); }
    }
    go();
  };
  const go = () => { // what waits goes on by itself after so many seconds; a page that was drawn anew has a form of its own
    const form = document.querySelector("form[data-go]");
    if (form && !form.dataset.set) { form.dataset.set = "1"; setTimeout(() => { if (document.contains(form)) form.requestSubmit(); }, Number(form.dataset.go) * 1000); }
  };
  addEventListener("DOMContentLoaded", go);
  const follow = async () => { // a change during a look is looked at again: none is missed
    if (busy) { again = true; return; }
    busy = true;
    try { do { again = false; await look(); } while (again); } catch { /* offline: the next change looks again */ } finally { busy = false; }
  };
  document.addEventListener("agent:changed", follow);
  addEventListener("DOMContentLoaded", follow);
  document.addEventListener("focusout", () => { if (late) { late = false; follow(); } });
})();
