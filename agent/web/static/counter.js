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
  const PARTS = ["#dossier", ".foot", ".bar .soft", ".queues", ".top .end"];
  let busy = false, again = false, late = false;
  const look = async () => {
    const here = document.getElementById("dossier");
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
      if (old && now) old.replaceWith(document.adoptNode(now));
    }
  };
  const follow = async () => { // a change during a look is looked at again: none is missed
    if (busy) { again = true; return; }
    busy = true;
    try { do { again = false; await look(); } while (again); } catch { /* offline: the next change looks again */ } finally { busy = false; }
  };
  document.addEventListener("agent:changed", follow);
  addEventListener("DOMContentLoaded", follow);
  document.addEventListener("focusout", () => { if (late) { late = false; follow(); } });
})();
