// The phone's camera: the one that looks away from the courier, its torch, and why it may not open.
import { Trouble } from "./trouble.js";

const WISH = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const REASONS = {
  NotAllowedError: "camera-refused", SecurityError: "camera-refused", NotFoundError: "camera-none",
  OverconstrainedError: "camera-none", NotReadableError: "camera-busy", AbortError: "camera-busy",
};

// Opens the camera into `video`; `device` is a deviceId of `cameras()`. Throws Trouble.
export async function openCamera(video, device = "") {
  if (!globalThis.isSecureContext || !navigator.mediaDevices) throw new Trouble("camera-insecure");
  const wish = device ? { ...WISH, facingMode: undefined, deviceId: { exact: device } } : WISH;
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
  } catch (error) {
    throw new Trouble(REASONS[error.name] || "camera-busy", error);
  }
  video.muted = true; video.playsInline = true; video.srcObject = stream;
  try { await video.play(); } catch (error) { closeCamera(video); throw new Trouble("camera-lost", error); }
  const [track] = stream.getVideoTracks();
  const can = track.getCapabilities ? track.getCapabilities() : {};
  if (can.focusMode && can.focusMode.includes("continuous")) track.applyConstraints({ advanced: [{ focusMode: "continuous" }] }).catch(() => {});
  return track;
}

export function closeCamera(video) {
  const stream = video && video.srcObject;
  if (!stream) return;
  stream.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
}

export const hasTorch = (track) => Boolean(track && track.getCapabilities && track.getCapabilities().torch);

// Switches the torch; false when it did not.
export async function switchTorch(track, on) {
  if (!hasTorch(track)) return false;
  try { await track.applyConstraints({ advanced: [{ torch: on }] }); return true; } catch { return false; }
}

// The cameras that there are, once one has been allowed: [{device, label}].
export async function cameras() {
  const all = navigator.mediaDevices ? await navigator.mediaDevices.enumerateDevices() : [];
  return all.filter((one) => one.kind === "videoinput").map((one) => ({ device: one.deviceId, label: one.label }));
}
