// The courier's phone: scan focus, signature strokes, position; every page works without this file.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);

  // "Quét mã" wakes the reader's box without a keyboard over half the screen; a tap on the box itself types.
  const scan = $("scan"), label = document.querySelector("label.do[for=scan]");
  if (scan && label) {
    label.addEventListener("click", () => { scan.inputMode = "none"; });
    scan.addEventListener("blur", () => { scan.inputMode = "text"; });
    scan.addEventListener("pointerdown", () => { scan.inputMode = "text"; });
  }

  const pad = $("pad");
  if (pad) {
    const out = $("strokes"), pen = pad.getContext("2d"), ratio = devicePixelRatio || 1;
    let strokes = [], stroke = null, begun = 0;
    $("drawn").hidden = false;
    if (!$("f-typed").value) $("typing").open = false;
    const size = () => { pad.width = pad.clientWidth * ratio; pad.height = pad.clientHeight * ratio; paint(); };
    const paint = () => {
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, pad.width, pad.height);
      pen.strokeStyle = "#1b1f24"; pen.lineWidth = 2.2; pen.lineCap = pen.lineJoin = "round";
      for (const line of strokes) { pen.beginPath(); line.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y))); pen.stroke(); }
      $("signed").hidden = !strokes.length;
    };
    const clamp = (value, most) => Math.max(0, Math.min(Math.round(value), Math.floor(most)));
    const add = (e) => {
      const box = pad.getBoundingClientRect();
      stroke.push([clamp(e.clientX - box.left, box.width), clamp(e.clientY - box.top, box.height), Math.round(e.timeStamp - begun)]);
    };
    pad.addEventListener("pointerdown", (e) => {
      begun = begun || e.timeStamp; stroke = []; strokes.push(stroke); pad.setPointerCapture(e.pointerId); add(e); paint(); e.preventDefault();
    });
    pad.addEventListener("pointermove", (e) => { if (stroke) { add(e); paint(); } });
    const lift = () => { stroke = null; out.value = JSON.stringify(strokes); };
    pad.addEventListener("pointerup", lift); pad.addEventListener("pointercancel", lift);
    $("again").addEventListener("click", () => { strokes = []; begun = 0; out.value = ""; paint(); });
    try { strokes = JSON.parse(out.value || "[]"); } catch { strokes = []; }
    size();
  }

  // Position only when asked for, and only where the browser gives it (a secure page).
  const here = $("here");
  if (here && navigator.geolocation && isSecureContext) {
    here.hidden = false;
    here.addEventListener("click", () => {
      $("place").textContent = here.dataset.asking;
      navigator.geolocation.getCurrentPosition(({ coords }) => {
        $("lat").value = coords.latitude; $("lon").value = coords.longitude; $("accuracy_m").value = coords.accuracy;
        const box = document.querySelector("input[name=evidence][value=position]");
        if (box) box.checked = true;
        $("place").textContent = "± " + Math.round(coords.accuracy) + " m";
      }, () => { $("place").textContent = here.dataset.none; }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 });
    });
  }
})();
