// The pairing code counts down between two looks at the server.
setInterval(() => {
  for (const clock of document.querySelectorAll("[data-count-down]")) {
    const left = Math.max(0, Number(clock.dataset.countDown) - 1);
    clock.dataset.countDown = String(left);
    clock.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  }
}, 1000);
