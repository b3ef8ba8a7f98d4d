// What a person opened, typed and stands at on a screen: it stays theirs when the screen is drawn anew.

const folds = () => [...document.querySelectorAll("main details")].map((one) => [one.querySelector("summary")?.textContent, one]);
const spots = () => document.querySelectorAll("main input, main textarea, main select, main summary, [data-key], [href]");
const nameOf = (one) => one?.id || one?.dataset?.key || one?.getAttribute?.("href") || (one?.tagName === "SUMMARY" && one.textContent);

addEventListener("input", ({ target }) => { target.dataset.typed = ""; }, { capture: true });

/** @returns {() => void} makes it so again, once the screen is drawn */
export function held() {
  const open = new Map(folds().map(([name, one]) => [name, one.open])), focus = nameOf(document.activeElement);
  const typed = new Map([...spots()].filter((one) => one.id && "typed" in one.dataset).map((one) => [one.id, [one.value, one.checked]]));
  return () => {
    for (const [name, one] of folds()) if (open.has(name)) one.open = open.get(name);
    for (const one of spots()) {
      if (!typed.has(one.id)) continue;
      [one.value, one.checked] = typed.get(one.id);
      one.dataset.typed = "";
    }
    if (focus) [...spots()].find((one) => nameOf(one) === focus)?.focus({ preventScroll: true });
  };
}
