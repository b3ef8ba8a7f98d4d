// Does this phone trust the office? Over https a service worker is taken only then, even where somebody clicked a
// warning away; over http the tick's picture, which comes over TLS, shows it.
const check = document.getElementById("check"), said = document.getElementById("checked");

function say(good) {
  said.textContent = good ? check.dataset.good : check.dataset.bad;
  said.className = good ? "good" : "bad";
  check.querySelector("img").hidden = !good;
}

if (location.protocol === "https:") {
  const workers = navigator.serviceWorker;
  if (workers) workers.register("/trust/worker.js", { scope: "/trust/" }).then(() => say(true), () => say(false));
} else {
  const tick = new Image();
  tick.onload = () => say(true);
  tick.onerror = () => say(false);
  tick.src = `${check.dataset.origin}/trust/ok.svg?${Date.now()}`;
}
