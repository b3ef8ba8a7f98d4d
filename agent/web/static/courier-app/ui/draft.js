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

/** The drafts of everything that ends an attempt at an item: what was begun for one attempt proves no other. @param {string} number */
export const draftsOf = (number) => ["deliver", "failed"].flatMap((kind) => [`${kind} ${number}`, `${kind} ${number}/photo`]);

/**
 * A draft that saves itself; the photo stands apart, so that a letter typed does not write it again.
 * @param {string} key @param {Record<string, any>} empty
 * @returns {Promise<{value: any, save: (part: object) => void, stop: (keep?: boolean) => void, goOn: () => void}>} `stop(false)`:
 *   what comes late, a position, is not written any more; `goOn()`: it could not be recorded, the form is still filled in
 */
export async function openDraft(key, empty) {
  const photoKey = `${key}/photo`, route = location.hash;
  const value = { ...empty, ...(await readDraft(key)), photo: (await readDraft(photoKey))?.photo ?? "" };
  let timer = 0, over = false;
  const write = () => {
    clearTimeout(timer);
    timer = 0;
    const { photo, ...rest } = value;
    return told(writeDraft(key, rest, route));
  };
  const hidden = () => { if (document.hidden && timer) write(); };
  const save = (part) => {
    Object.assign(value, part);
    if (over) return;
    if ("photo" in part) told(writeDraft(photoKey, { photo: part.photo }, ""));
    clearTimeout(timer);
    timer = setTimeout(write, PAUSE_MS);
  };
  document.addEventListener("visibilitychange", hidden);
  return {
    value, save,
    stop(keep = true) {
      document.removeEventListener("visibilitychange", hidden);
      if (timer && keep) write();
      clearTimeout(timer);
      timer = 0;
      over ||= !keep;
    },
    goOn() {
      over = false;
      document.addEventListener("visibilitychange", hidden);
    },
  };
}
