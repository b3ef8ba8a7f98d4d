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

  // Live figures: elements with data-live="path.to.value" follow the agent's snapshot, data-live-sign its signs.
  let last = null;
  const at = (path, from) => path.split(".").reduce((part, name) => (part === null || part === undefined ? part : part[name]), from);
  const put = (snapshot) => {
    document.querySelectorAll("[data-live]").forEach((el) => {
      const value = at(el.dataset.live, snapshot);
      if (value !== undefined && value !== null && el.textContent !== String(value)) {
        el.textContent = String(value); el.classList.remove("live-changed"); void el.offsetWidth; el.classList.add("live-changed");
      }
    });
    document.querySelectorAll("[data-live-sign]").forEach((el) => {
      const sign = at(el.dataset.liveSign, snapshot), there = sign && el.dataset.sign !== sign && document.getElementById("signs");
      const drawn = there && there.content.querySelector("[data-sign='" + CSS.escape(sign) + "']");
      if (drawn) { el.replaceChildren(...drawn.cloneNode(true).childNodes); el.dataset.sign = sign; }
    });
    const name = last === null ? "agent:opened" : snapshot.version !== last ? "agent:changed" : "";
    last = snapshot.version;
    if (name) document.dispatchEvent(new CustomEvent(name, { detail: snapshot }));
  };
  const event = (name, detail) => document.dispatchEvent(new CustomEvent("agent:" + name, { detail }));
  const POLL = 1000, POLLS = 30; // milliseconds between two questions, and how many until a stream is tried again
  const live = () => {
    const url = document.body.dataset.liveUrl;
    if (!url) return;
    let source = null, timer = 0, left = 0, places = {};
    const close = () => { clearTimeout(timer); if (source) source.close(); source = null; };
    const open = () => { // a page that nobody sees follows nothing: its stream is another's
      close();
      if (document.visibilityState !== "visible") return;
      source = new EventSource(url + "/events"); left = POLLS; places = {};
      source.addEventListener("state", (e) => { delete document.body.dataset.offline; put(JSON.parse(e.data)); });
      source.addEventListener("scan", (e) => event("scan", JSON.parse(e.data)));
      source.onerror = () => { if (source && source.readyState === EventSource.CLOSED) poll(); };
    };
    const poll = async () => { // all streams are taken, or nobody is signed in any more
      close();
      try {
        const r = await fetch(url + "?" + new URLSearchParams(places), { headers: { Accept: "application/json" } });
        if (r.status === 401) { location.reload(); return; }
        if (r.ok) {
          const said = await r.json();
          delete document.body.dataset.offline; put(said);
          for (const [name, feed] of Object.entries(said.feeds)) { places[name] = feed.place; feed.events.forEach((one) => event(name, one)); }
        }
      } catch { document.body.dataset.offline = "1"; }
      left -= 1;
      timer = setTimeout(left > 0 ? poll : open, POLL);
    };
    document.addEventListener("visibilitychange", open);
    open();
  };
})();
