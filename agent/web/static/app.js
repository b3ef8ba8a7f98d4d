// Keys, focus and live figures; every page works without this file.
"use strict";
(() => {
  const keyOf = (e) => (e.ctrlKey ? "Ctrl+" : "") + (e.altKey ? "Alt+" : "") + (e.shiftKey && (e.ctrlKey || e.altKey) ? "Shift+" : "") +
    (e.key.length === 1 ? e.key.toUpperCase() : e.key);
  const shown = (el) => el.getClientRects().length > 0 && !el.disabled;
  const bound = (key) => [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === key && shown(el));
  const typing = (el) => el && el.matches("input:not([type=checkbox],[type=radio]), textarea, select") ? el : null;
  const scan = () => document.getElementById("scan");

  // Only F-keys, Ctrl and Alt fire: a scanner types bare letters. Enter fires when nothing is being typed.
  document.addEventListener("keydown", (e) => {
    if (e.isComposing || e.repeat || e.defaultPrevented) return;
    const key = keyOf(e), field = typing(e.target);
    if (key === "F2" && scan()) { e.preventDefault(); scan().focus(); scan().select(); return; }
    if (key === "Enter") {
      const idle = e.target === document.body || (e.target.id === "scan" && !e.target.value.trim());
      if (!idle) return;
    } else if (!/^F\d|^Ctrl\+|^Alt\+|^Escape$/.test(key)) return;
    if (key === "Ctrl+Z" && field && field.value) return; // the field's own undo
    const target = bound(key);
    if (!target) return;
    e.preventDefault();
    if (typing(target)) { target.focus(); if (target.select) target.select(); } else target.click();
  });

  // A form is sent once, however often Enter is hit; a page fetched from history may send again.
  document.addEventListener("submit", (e) => {
    if (e.target.dataset.sent) { e.preventDefault(); return; }
    if (!e.target.hasAttribute("hx-post") && !e.target.hasAttribute("hx-get")) {
      e.target.dataset.sent = "1";
      setTimeout(() => delete e.target.dataset.sent, 3000); // it was a download, we are still here
    }
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((f) => delete f.dataset.sent));

  const settle = () => { const s = document.querySelector("[data-focus]"); if (s) s.focus(); };
  addEventListener("DOMContentLoaded", () => { settle(); live(); });
  document.addEventListener("htmx:afterSettle", settle);

  // Live figures: elements with data-live="path.to.value" follow the agent's snapshot.
  let last = null;
  const put = (snapshot) => {
    document.querySelectorAll("[data-live]").forEach((el) => {
      const value = el.dataset.live.split(".").reduce((at, name) => (at === null || at === undefined ? at : at[name]), snapshot);
      if (value !== undefined && value !== null && el.textContent !== String(value)) {
        el.textContent = String(value); el.classList.remove("live-changed"); void el.offsetWidth; el.classList.add("live-changed");
      }
    });
    if (last !== null && snapshot.version !== last) document.dispatchEvent(new CustomEvent("agent:changed", { detail: snapshot }));
    last = snapshot.version;
  };
  const poll = async (url) => {
    try { const r = await fetch(url, { headers: { Accept: "application/json" } }); if (r.ok) put(await r.json()); else if (r.status === 401) { location.reload(); return; } }
    catch { document.body.dataset.offline = "1"; }
    setTimeout(() => poll(url), 5000 + 2000 * Math.random());
  };
  const live = () => {
    const url = document.body.dataset.liveUrl;
    if (!url) return;
    const source = new EventSource(url + "/events");
    source.addEventListener("state", (e) => { delete document.body.dataset.offline; put(JSON.parse(e.data)); });
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) poll(url); };
  };
})();
