// Whether a failed attempt will count, as far as the phone can know: the office's rules came with the round.

/**
 * @typedef {{value: string, name: string, counts: boolean, actions: string[], evidence: string[]}} Reason
 */

/**
 * @param {Reason} reason @param {string[]} evidence what there is
 * @param {{counted: number, last_counted?: string}} item
 * @returns {{counts: boolean, missing: string[], nth: number, never: boolean, gap: boolean}}
 *   `gap`: an earlier attempt counted, so that the office has to look at the working days between
 */
export function judged(reason, evidence, item) {
  const missing = reason.evidence.filter((one) => !evidence.includes(one));
  const never = reason.counts === false;
  return { counts: !never && missing.length === 0, missing, never, nth: item.counted + 1, gap: item.counted > 0 };
}
