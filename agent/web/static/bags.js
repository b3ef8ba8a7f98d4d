// Minutes signed on the screen: pen strokes as points with times; paper serves where this file does not run.
"use strict";
(() => {
  const pad = document.getElementById("pad");
  if (!pad) return;
  const out = document.getElementById("strokes"), pen = pad.getContext("2d"), ratio = devicePixelRatio || 1;
  let strokes = [], stroke = null, begun = 0;
  const paint = () => {
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, pad.width, pad.height);
    pen.strokeStyle = "#1b1f24"; pen.lineWidth = 2.2; pen.lineCap = pen.lineJoin = "round";
    for (const line of strokes) { pen.beginPath(); line.forEach(([x, y], n) => (n ? pen.lineTo(x, y) : pen.moveTo(x, y))); pen.stroke(); }
    document.getElementById("signed").hidden = !strokes.length;
  };
  const within = (value, most) => Math.max(0, Math.min(Math.round(value), Math.floor(most)));
  const add = (e) => {
    const box = pad.getBoundingClientRect();
    stroke.push([within(e.clientX - box.left, box.width), within(e.clientY - box.top, box.height), Math.round(e.timeStamp - begun)]);
  };
  pad.addEventListener("pointerdown", (e) => {
    begun = begun || e.timeStamp; stroke = []; strokes.push(stroke); pad.setPointerCapture(e.pointerId); add(e); paint(); e.preventDefault();
  });
  pad.addEventListener("pointermove", (e) => { if (stroke) { add(e); paint(); } });
  const lift = () => { stroke = null; out.value = JSON.stringify(strokes); };
  pad.addEventListener("pointerup", lift); pad.addEventListener("pointercancel", lift);
  document.getElementById("again").addEventListener("click", () => { strokes = []; begun = 0; out.value = ""; paint(); });
  pad.width = pad.clientWidth * ratio; pad.height = pad.clientHeight * ratio; paint();
})();
