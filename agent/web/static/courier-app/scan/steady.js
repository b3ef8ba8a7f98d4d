// From what single frames show to what was scanned: two equal reads, the same code not again while it is in view.

export const READS = 2; // equal reads that make a scan
export const TOGETHER = 1000; // milliseconds within which they must come
export const QUIET = 2000; // milliseconds out of view after which the same code is a new scan
export const UNWANTED = 6; // equal reads after which a code that nobody asked for is told, when no other is in view

// `wants(text, format)` says which codes are asked for: a label shows its number and a link beside it.
export class Steady {
  constructor(wants = () => true) { this.wants = wants; this.seen = new Map(); }

  // What one frame showed at `now` (milliseconds): the codes that are scanned by it, each [{text, format, wanted}].
  frame(codes, now) {
    for (const [text, entry] of this.seen) if (now - entry.at > (entry.told ? QUIET : TOGETHER)) this.seen.delete(text);
    const marked = codes.map((code) => ({ ...code, wanted: Boolean(this.wants(code.text, code.format)) }));
    const wantedInView = marked.some((code) => code.wanted) || this._wantedLately(now);
    return marked.filter((code) => this._told(code, now, wantedInView)).map(({ text, format, wanted }) => ({ text, format, wanted }));
  }

  _wantedLately(now) {
    return [...this.seen.values()].some((entry) => entry.wanted && now - entry.at <= TOGETHER);
  }

  _told(code, now, wantedInView) {
    const entry = this.seen.get(code.text) || { reads: 0, told: false, wanted: code.wanted };
    this.seen.set(code.text, entry);
    entry.at = now;
    if (!code.wanted && wantedInView) { entry.reads = 0; return false; }
    entry.reads += 1;
    if (entry.told || entry.reads < (code.wanted ? READS : UNWANTED)) return false;
    entry.told = true;
    return true;
  }
}
