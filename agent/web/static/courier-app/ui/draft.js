// What is being filled in: written down a moment after each change, and at once when the app goes out of sight.

import { say } from "./dom.js";
import { readDraft, writeDraft } from "./state.js";
import { t } from "./words.js";

const PAUSE_MS = 250;

/** A draft that could not be kept is said once: the form is still here, but the app's end would lose it. */
let warned = false;
async function told(writing) {
  if ((await writing) || warned) return;
  warned = true;
  say(t("Bộ nhớ điện thoại đầy: phần đang nhập sẽ mất nếu ứng dụng bị tắt. Ghi xong rồi xóa bớt ảnh hoặc ứng dụng khác."), "warn");
}

/**
 * A draft that saves itself; the photo stands apart, so that a letter typed does not write it again.
 * @param {string} key @param {Record<string, any>} empty
 * @returns {Promise<{value: any, keys: string[], save: (part: object) => void, stop: () => void}>}
 */
export async function openDraft(key, empty) {
  const photoKey = `${key}/photo`, route = location.hash;
  const value = { ...empty, ...(await readDraft(key)), photo: (await readDraft(photoKey))?.photo ?? "" };
  let timer = 0;
  const write = () => {
    clearTimeout(timer);
    timer = 0;
    const { photo, ...rest } = value;
    return told(writeDraft(key, rest, route));
  };
  const hidden = () => { if (document.hidden && timer) write(); };
  document.addEventListener("visibilitychange", hidden);
  return {
    value, keys: [key, photoKey],
    save(part) {
      Object.assign(value, part);
      if ("photo" in part) told(writeDraft(photoKey, { photo: part.photo }, ""));
      clearTimeout(timer);
      timer = setTimeout(write, PAUSE_MS);
    },
    stop(keep = true) {
      document.removeEventListener("visibilitychange", hidden);
      if (timer && keep) write();
      clearTimeout(timer);
      timer = 0;
    },
  };
}
