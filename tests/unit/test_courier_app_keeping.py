"""What the courier's app keeps on the phone: a lock that no clock opens, forms that were begun for another attempt."""

# ruff: noqa: E501

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.unit.test_courier_app_scripts import node

BROWSER = Path(__file__).with_name("memory_db.mjs")


def kept(script: str, given: Any = None) -> Any:
    """Run a script of the app's core on a database in memory."""
    return node(f"await import({str(BROWSER)!r});\n{script}", given)


LOCK = """const { createLock, openLock, lockState, Vault, WrongPin } = await import('./core/vault.js'), { get, put } = await import('./core/db.js');
let run = 5000, wall = Date.now();
performance.now = () => run;
Date.now = () => wall;
const tried = (pin) => openLock(pin).then((vault) => vault instanceof Vault, (error) => { if (!(error instanceof WrongPin)) throw error; return error.wait; });
const set = async (part) => put('meta', { ...(await get('meta', 'lock')), ...part }, 'lock');
await createLock('482915');
"""


def test_no_clock_that_is_set_shortens_or_lengthens_the_wait_after_wrong_pins() -> None:
    script = (
        LOCK
        + """const waits = [];
for (let n = 0; n < 3; n++) waits.push(await tried('111213'));
wall += 1e12;  // the phone's clock is set forward, and back
waits.push(await tried('482915'));
wall -= 3e12;
waits.push(await tried('482915'));
run += 29_000;
waits.push(await tried('482915'));
run += 1_000;
waits.push(await tried('111213'));  // the fourth: now a minute
run += 60_000;
waits.push(await tried('482915'), (await get('meta', 'lock')).fails);
console.log(JSON.stringify(waits));"""
    )
    assert kept(script) == [0, 0, 30_000, 30_000, 30_000, 1_000, 60_000, True, 0]


def test_the_app_started_anew_and_a_second_tab_wait_the_whole_time() -> None:
    script = (
        LOCK
        + """await set({ fails: 5 });  // kept by a run that has ended
run += 1e9;
await lockState();  // the lock is on the screen: the wait of this run begins
const waits = [await tried('482915')];
run += 119_000;
waits.push(await tried('482915'));
await set({ fails: 6 });  // another tab tried meanwhile
run += 1_000;
waits.push(await tried('482915'));
run += 240_000;
waits.push(await tried('482915'));
console.log(JSON.stringify(waits));"""
    )
    assert kept(script) == [120_000, 1_000, 240_000, True]


def test_a_form_ends_with_its_attempt_and_with_an_item_that_left_the_round() -> None:
    script = """const { Vault, createLock } = await import('./core/vault.js'), { asked, put, transaction } = await import('./core/db.js');
const { takeRound } = await import('./core/books.js'), { draftsOf, openDraft } = await import('./ui/draft.js'), { app } = await import('./ui/state.js');
const drafts = () => transaction(['drafts'], 'readonly', (at) => asked(at.drafts.getAllKeys()));
const pause = () => new Promise((done) => setTimeout(done, 300));  // longer than the draft's own
app.vault = await createLock('482915');
for (const key of ['deliver RD1', 'deliver RD1/photo', 'failed RD2', 'accept']) await put('drafts', 1, key);
await takeRound(app.vault, { me: 'courier:a', cursor: '1', items: [{ number: 'RD2', holder: 'courier:a' }], gone: ['RD1'] });
const left = await drafts(), form = await openDraft('deliver RD3', {});
form.save({ receiver: 'x' });
form.stop(false);
form.save({ position: {} });  // found after the act was recorded
await pause();
const late = await drafts();
form.goOn();  // the phone was full: the form is filled in again
form.save({ receiver: 'y' });
await pause();
console.log(JSON.stringify([left, late, await drafts(), draftsOf('RD3')]));"""
    left, late, again, ends = kept(script)
    assert left == late == ["accept", "failed RD2"] and again == ["accept", "deliver RD3", "failed RD2"]
    assert ends == ["deliver RD3", "deliver RD3/photo", "failed RD3", "failed RD3/photo"]


def test_the_last_thing_an_office_hears_is_what_is_left_after_the_sending() -> None:
    script = """const { createLock } = await import('./core/vault.js'), { append } = await import('./core/outbox.js'), { sync } = await import('./core/sync.js');
const asked = [], answers = { state: { missing: [] }, round: { cursor: '1', items: [], gone: [] } };
globalThis.fetch = async (address, { body }) => {
  asked.push(address);
  const said = address.includes('batch') ? { verdicts: JSON.parse(body).events.map(({ id, seq }) => ({ id, seq, verdict: 'taken' })), next_seq: 3 }
    : answers[address.includes('state') ? 'state' : 'round'];
  return Response.json({ ...said, server_time: new Date().toISOString() });
};
delete globalThis.CompressionStream;
const vault = await createLock('482915'), session = { phone: 'p', token: 't', courier: 'a' };
await append(vault, 'p', [{ step: 'out_for_delivery', item: 'RD1', from: 'courier:a' }, { step: 'deliver', item: 'RD1', from: 'courier:a' }]);
await sync({ vault, session });
console.log(JSON.stringify(asked));"""
    first, batch, last = kept(script)
    assert first.endswith("unsent=2") and batch.endswith("events:batch") and last.endswith("unsent=0")


PAGE = """const { createLock } = await import('./core/vault.js'), { get, put } = await import('./core/db.js');
const { app, forget, refresh, syncNow } = await import('./ui/state.js');
const vault = await createLock('482915');
await put('sealed', await vault.seal({ phone: 'p', token: 't', courier: 'a' }, 'session'), 'session');
app.vault = vault;
await refresh();
/** The next time that a document is opened it takes as long as is wanted. */
const slowly = (name) => {
  const open = vault.open.bind(vault);
  let go, come, first = true;
  const gate = new Promise((done) => { go = done; }), there = new Promise((done) => { come = done; });
  vault.open = async (sealed, label) => {
    const found = await open(sealed, label);
    if (label === name && first) { first = false; come(); await gate; }
    return found;
  };
  return { go, there };
};
"""


def test_what_was_read_before_does_not_come_back_over_what_was_read_later() -> None:
    script = (
        PAGE
        + """const { go, there } = slowly('log'), before = refresh();
await there;
await put('sealed', await vault.seal([{ id: '1', verdict: 'known' }], 'log'), 'log');
const later = refresh();
for (let n = 0; n < 20; n++) await get('meta', 'lock');  // time for all that the later one would read
go();
await Promise.all([before, later]);
console.log(JSON.stringify(app.log.length));"""
    )
    assert kept(script) == 1


def test_a_lock_in_the_middle_of_reading_leaves_nobody_s_name_behind() -> None:
    script = (
        PAGE
        + """await put('sealed', await vault.seal({ items: { RD1: { receiver: 'x' } } }, 'round'), 'round');
await refresh();
const here = Object.keys(app.items).length, { go, there } = slowly('round'), reading = refresh();
await there;
forget();
go();
await reading;
console.log(JSON.stringify([here, app.session, Object.keys(app.items), Object.keys(app.round.items)]));"""
    )
    assert kept(script) == [1, None, [], []]


def test_a_network_that_comes_back_while_the_phone_still_tries_without_it_is_used_at_once() -> None:
    script = (
        PAGE
        + """const waits = [], timer = globalThis.setTimeout;
globalThis.setTimeout = (work, ms) => (ms === 5 ? timer(work, ms) : waits.push(ms));  // 5: the database's own
let cut;
globalThis.fetch = () => new Promise((_done, fail) => { cut = fail; });
const tries = async (times) => {
  const one = syncNow();
  while (!cut) await new Promise(setImmediate);
  for (let n = 1; n < times; n++) await syncNow();  // as when the phone says that it is online
  cut(new TypeError('no network'));
  cut = null;
  await one;
  return [waits.at(-1), app.sync.trouble.kind];
};
console.log(JSON.stringify([await tries(1), await tries(2), await tries(1)]));"""
    )
    assert kept(script) == [[5_000, "offline"], [0, "offline"], [60_000, "offline"]]


def test_an_answer_that_was_cut_in_its_middle_is_no_answer() -> None:
    script = """const { ask } = await import('./core/net.js');
globalThis.fetch = async () => new Response('{"verdicts": [{"id"');
console.log(JSON.stringify(await ask('POST', '/events:batch', { json: {} }).catch((error) => error.kind)));"""
    assert kept(script) == "offline"


def test_a_paper_that_was_left_is_not_offered_again_before_the_office_answers() -> None:
    script = """const { folded } = await import('./core/custody.js');
const items = { RD1: { number: 'RD1', attempts: 1, invitations: [{ number: 1 }, { number: 2 }] }, RD2: { number: 'RD2', attempts: 0 } };
const now = folded(items, [{ step: 'attempt_failed', item: 'RD1', invitation: 1 }, { step: 'attempt_failed', item: 'RD2' }]);
console.log(JSON.stringify([now.RD1.invitations, now.RD2.invitations]));"""
    assert kept(script) == [[{"number": 2}], []]


def test_an_item_in_dispute_stands_as_reported_until_it_is_decided() -> None:
    script = """const { createLock } = await import('./core/vault.js'), { roundOf, settle, takeRound } = await import('./core/books.js');
const vault = await createLock('482915'), me = 'courier:a', item = { number: 'RD1', state: 'out_for_delivery', holder: me, offered_to: '', collect: 26000, last_event: 'e1', attempts: 0 };
const seen = [], look = async () => { const { state, doubt } = (await roundOf(vault)).items.RD1; seen.push([state, Boolean(doubt)]); };
const told = (news) => takeRound(vault, { me, cursor: '1', gone: [], items: [{ ...item, ...news }] }).then(look);
await told({});
const event = { id: 'e2', step: 'deliver', item: 'RD1', at: new Date().toISOString(), proof: { collected: 26000 } };
await settle(vault, 'p', [{ seq: 1, blobs: [], event }], { verdicts: [{ id: 'e2', seq: 1, verdict: 'conflict', code: 'amount' }], next_seq: 2 });
await look();
await told({ collect: 0, disputed: true });
await told({ collect: 0, disputed: true });
await told({ collect: 0, disputed: false });  // decided: it did not happen
console.log(JSON.stringify(seen));"""
    to_do, reported = ["out_for_delivery", False], ["delivered", True]
    assert kept(script) == [to_do, reported, reported, reported, to_do]
