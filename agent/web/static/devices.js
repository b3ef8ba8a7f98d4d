// The device page follows its devices; a form that is being filled in is not taken from under the hand.
"use strict";
(() => {
  const EVERY = 5000; // milliseconds: when a device last answered moves on although nothing else changes
  let busy = false, again = false;
  const look = async () => {
    const here = document.getElementById("devices");
    if (!here) return;
    const answer = await fetch(here.dataset.panelUrl, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("devices");
    const focused = document.activeElement, at = here.contains(focused) ? focused : null;
    if (!fresh || (at && at.matches("input:not([type=hidden]), select"))) return;
    const kept = at && at.form ? [at.form.getAttribute("action"), at.value] : null;
    here.replaceWith(document.adoptNode(fresh));
    if (kept) { // the cursor stays on the same button of the same device, or nowhere
      const same = [...fresh.querySelectorAll("button")].find((one) => one.form.getAttribute("action") === kept[0] && one.value === kept[1]);
      if (same) same.focus();
    }
  };
  const follow = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try { do { again = false; await look(); } while (again); } catch { /* offline: the next change looks again */ } finally { busy = false; }
  };
  for (const name of ["agent:opened", "agent:changed", "agent:scan"]) document.addEventListener(name, follow);
  setInterval(() => { if (document.visibilityState === "visible") follow(); }, EVERY);
})();
