// What this terminal's readers scan acts here: the page in front takes each scan once, a command card presses a key.
"use strict";
(() => {
  const form = () => document.querySelector("form.scan");
  const post = (url, fields) => fetch(url, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams({ ...fields, _csrf: form().elements._csrf.value }) });
  const said = (words, kind) => { // beside what was just done, whose undo stays
    const box = document.getElementById("said");
    if (!box || !words) return;
    if (leaving) sessionStorage.setItem("said", JSON.stringify([words, kind])); // the next page says it again
    box.querySelectorAll("[data-scan]").forEach((old) => old.remove());
    const line = document.createElement("div");
    line.className = "said " + kind; line.dataset.scan = ""; line.textContent = words;
    box.prepend(line);
  };

  // A page that is being left acts on nothing: the next one is given what came meanwhile, unless this one stays after all.
  const STAYS = 4000; // milliseconds after which it was a download
  let leaving = false, timer = 0, later = [];
  const leave = () => { leaving = true; clearTimeout(timer); timer = setTimeout(stay, STAYS); };
  const stay = () => {
    leaving = false; clearTimeout(timer);
    if (form()) form().elements.event.value = form().elements.into.value = "";
    later.splice(0).forEach(take);
  };
  addEventListener("beforeunload", () => { if (!leaving) part(); leave(); });
  addEventListener("pageshow", stay);
  document.addEventListener("submit", (e) => { if (!e.defaultPrevented) leave(); });
  document.addEventListener("htmx:beforeRequest", (e) => { if (leaving) e.preventDefault(); }); // nothing older than what was kept

  // What is being typed into the intake is kept before the page is left, and the cursor comes back to where it stood.
  let dirty = false; // typed and not sent yet
  document.addEventListener("input", (e) => { dirty = dirty || Boolean(e.target.closest("#intake")); });
  document.addEventListener("htmx:afterRequest", () => { dirty = false; });
  const typed = () => {
    const intake = document.getElementById("intake"), to = intake && intake.querySelector("[hx-post]");
    return [intake, to && to.getAttribute("hx-post")];
  };
  const part = () => { const [intake, to] = typed(); if (dirty && to) navigator.sendBeacon(to, new FormData(intake)); };
  const keep = async () => {
    const [intake, to] = typed();
    const field = document.activeElement;
    if (intake && intake.contains(field) && field.matches("input:not([type=checkbox], [name$=_chip])")) sessionStorage.setItem("cursor", field.name);
    if (to) await fetch(to, { method: "POST", headers: { "HX-Request": "true" }, body: new FormData(intake) });
  };
  addEventListener("DOMContentLoaded", () => {
    const name = sessionStorage.getItem("cursor"), field = name && document.querySelector("#intake [name='" + CSS.escape(name) + "']");
    sessionStorage.removeItem("cursor");
    const words = JSON.parse(sessionStorage.getItem("said") || "null");
    sessionStorage.removeItem("said");
    if (words) said(...words);
    if (field && !document.querySelector("[data-focus]")) { field.focus(); field.setSelectionRange(field.value.length, field.value.length); }
  });

  // A command card stands for what is marked with its command, the next step first, else for a key of the foot.
  const KEYS = { next: "Enter", done: "Enter", undo: "Ctrl+Z", sign: "F10", cancel: "Escape" };
  const rank = (el) => 2 * Boolean(el.dataset.command) + el.classList.contains("do");
  const meant = (command) => [...document.querySelectorAll("[data-command='" + CSS.escape(command) + "'], [data-key='" + CSS.escape(KEYS[command] || "-") + "']")]
    .filter((el) => (el.closest("select") || el).getClientRects().length && !el.disabled).sort((a, b) => rank(b) - rank(a))[0];
  const press = async (command) => {
    const target = meant(command);
    if (target && target.tagName === "OPTION") { // how the fee is paid
      const select = target.closest("select"), paid = select.form.querySelector("[name=paid]");
      select.value = target.value; if (paid) paid.checked = true;
      select.dispatchEvent(new Event("change", { bubbles: true })); select.focus();
    } else if (target) {
      if (target.tagName === "A") await keep().catch(() => {});
      target.click();
      if (target.matches("a, button")) leave(); // before the browser says that it leaves
    } else said(document.body.dataset.noCommand, "warn");
  };
  const command = async (fields) => { // the server says which command, once
    const answer = await post(form().dataset.takeUrl, fields);
    if (answer.redirected) { location.reload(); return; } // nobody is signed in any more
    const told = await answer.json();
    if (answer.ok) await press(told.command); else said(told.words, "bad");
  };

  const BEHIND = 400; // milliseconds that a window in view, but not in front, leaves to the one that is
  const waits = async (scan) => {
    await new Promise((done) => setTimeout(done, BEHIND));
    const answer = await fetch(form().dataset.waitsUrl + scan.uid);
    return answer.ok && !answer.redirected;
  };
  const act = async (scan) => {
    if (!form() || document.visibilityState !== "visible") return;
    if (!scan.acts) { said(scan.words, "warn"); return; }
    if (leaving) { later.push(scan); return; }
    const field = document.activeElement;
    try {
      if (!document.hasFocus() && !(await waits(scan))) return;
      if (scan.kind === "command") { await command({ event: scan.uid }); return; }
      leave();
      await keep();
    } catch { /* offline: what was typed is still in the fields when the browser comes back */ }
    leave(); // keeping took as long as it took; if this page goes by itself meanwhile, the next one is given the scan
    const f = form();
    f.elements.event.value = scan.uid; f.elements.scan.value = ""; delete f.dataset.sent;
    f.elements.into.value = field && /_chip$/.test(field.name || "") ? field.name : "";
    f.requestSubmit();
  };
  let turn = Promise.resolve(); // one after the other
  const take = (scan) => { turn = turn.then(() => act(scan)); };
  document.addEventListener("agent:scan", (e) => take(e.detail));

  // A command card read by a keyboard wedge arrives as text, changed perhaps by an input method.
  document.addEventListener("submit", (e) => {
    const box = e.target.matches("form.scan") && !e.target.elements.event.value && e.target.elements.scan;
    if (!box || !/^\s*(?:\][A-Za-z]\d)?P\S{0,3}K\|/i.test(box.value)) return;
    e.preventDefault(); e.stopPropagation();
    const scan = box.value; box.value = "";
    command({ scan }).catch(() => {});
  }, true);
})();
