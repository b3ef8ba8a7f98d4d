// What the courier hears and feels without looking: new is high and short, duplicate is twice and low, wrong is a long buzz.

const KINDS = {
  new: { tones: [[0, 0.09, 1760]], shape: "sine", shake: [60] },
  duplicate: { tones: [[0, 0.08, 660], [0.14, 0.08, 660]], shape: "triangle", shake: [40, 60, 40] },
  wrong: { tones: [[0, 0.45, 196]], shape: "square", shake: [350] },
};

let sound = null;

// Browsers let a page sound only after a touch: call it in the handler of the tap that opens the scanner.
export function wakeSound() {
  const Context = globalThis.AudioContext || globalThis.webkitAudioContext;
  if (!sound && Context) sound = new Context();
  if (sound && sound.state === "suspended") sound.resume().catch(() => {});
}

// `kind` is new, duplicate or wrong; without sound or vibration the screen alone says it.
export function feedback(kind) {
  const how = KINDS[kind] || KINDS.wrong;
  try { if (navigator.vibrate) navigator.vibrate(how.shake); } catch { /* not allowed before a touch */ }
  wakeSound();
  if (!sound) return;
  for (const [after, long, pitch] of how.tones) {
    const voice = sound.createOscillator(), loud = sound.createGain(), at = sound.currentTime + after;
    voice.type = how.shape; voice.frequency.value = pitch;
    loud.gain.setValueAtTime(0.0001, at);
    loud.gain.exponentialRampToValueAtTime(how.shape === "square" ? 0.25 : 0.6, at + 0.01);
    loud.gain.exponentialRampToValueAtTime(0.0001, at + long);
    voice.connect(loud).connect(sound.destination);
    voice.start(at); voice.stop(at + long + 0.02);
  }
}
