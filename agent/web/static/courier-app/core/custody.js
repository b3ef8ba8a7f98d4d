// What an event does to an item as the phone sees it, until the office says how it stands.

/**
 * @typedef {{number: string, state: string, holder: string, offered_to: string, last_event: string | null,
 *   receiver: string, address: string, receiver_phone: string, contact: string, organisation: boolean, collect: number, dossier: string, service_mark: string,
 *   attempts: number, counted: number, due_at: string | null, deliver_only_to: string, take_back: string[],
 *   proxy: string[], hint: string, invitations: {number: number, until: string}[], done?: object, doubt?: boolean, correcting?: boolean}} Item
 */

const HOLDABLE = ["accepted", "at_office", "out_for_delivery", "attempt_failed", "held"];
const OUT_FROM = ["accepted", "at_office", "attempt_failed", "held"];

/**
 * The item after an event of this phone.
 * @param {Item} item @param {Record<string, any>} event
 * @returns {Item}
 */
export function after(item, event) {
  const next = { ...item, last_event: event.id };
  switch (event.step) {
    case "accept":
      return { ...next, holder: event.to, offered_to: "", state: item.state === "return_approved" ? item.state : "accepted" };
    case "offer":
      return { ...next, offered_to: event.to };
    case "withdraw":
      return { ...next, offered_to: "" };
    case "out_for_delivery":
      return { ...next, state: "out_for_delivery" };
    case "attempt_failed":
      return { ...next, state: "attempt_failed", attempts: item.attempts + 1, done: ending(event),
        invitations: (item.invitations ?? []).filter((one) => one.number !== event.invitation) };
    case "deliver":
      return { ...next, state: "delivered", holder: "receiver", done: ending(event) };
    case "lose":
      return { ...next, state: "lost", done: ending(event) };
    case "reverse":
      return { ...next, correcting: true };
    default:
      return next;
  }
}

/**
 * The items of a round after the events that the office has not judged.
 * @param {Record<string, Item>} items @param {Record<string, any>[]} events oldest first
 * @returns {Record<string, Item>}
 */
export function folded(items, events) {
  const now = { ...items };
  for (const event of events) {
    if (now[event.item]) now[event.item] = after(now[event.item], event);
  }
  return now;
}

/** @param {Item} item @param {string} me @returns {"offered" | "to_do" | "waiting" | "failed" | "done" | "elsewhere"} */
export function part(item, me) {
  if (["delivered", "lost", "returned"].includes(item.state)) return "done";
  if (item.offered_to === me && item.holder !== me) return "offered";
  if (item.holder !== me) return "elsewhere";
  if (item.offered_to) return "waiting";
  return item.state === "attempt_failed" && item.done ? "failed" : "to_do";
}

/** @param {Item} item @param {string} me */
export const canGoOut = (item, me) => item.holder === me && !item.offered_to && OUT_FROM.includes(item.state);
/** @param {Item} item @param {string} me */
export const isOut = (item, me) => item.holder === me && !item.offered_to && item.state === "out_for_delivery";
/** @param {Item} item @param {string} me */
export const canGive = (item, me) => item.holder === me && !item.offered_to && [...HOLDABLE, "return_approved"].includes(item.state);

function ending(event) {
  return { id: event.id, at: event.at, step: event.step, reason: event.reason, action: event.action,
    collected: event.proof?.collected ?? 0, relation: event.proof?.relation ?? "" };
}
