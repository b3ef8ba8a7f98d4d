"""The courier app's scripts: the same canonical JSON and hashes as the server's, English for every word, tidy files."""

# ruff: noqa: E501

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import rfc8785

from agent.domain.canonical_codec import canonical_json
from agent.domain.custody_attempts import ACTION_NAME, EVIDENCE_NAME, MIN_ATTEMPTS, REASON_NAME, RULES, Reason
from agent.domain.custody_steps import STATE_NAME, ItemState
from agent.domain.phone_event import Redelivery, event_hash, read_event
from agent.domain.s10 import number_in_range
from agent.tracking.phones.round import reasons
from agent.web.courier.deliver import RELATIONS
from agent.web.courier_app import files

APP = Path(files.__file__).parents[1] / "static" / "courier-app"
OURS = sorted(p for p in APP.rglob("*.js") if "scan" not in p.relative_to(APP).parts and p.name != "words_en.js")
VIETNAMESE = re.compile(r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
SAID_AS_IT_IS = {"Tiếng Việt", "đ", "Đ", "(người nhận tự gõ tên / typed by the receiver)"}


def node(script: str, given: Any) -> Any:
    """Run a module of the app's in Node; `given` is what `input` holds, the answer is what it prints."""
    program = shutil.which("node")
    if program is None:
        pytest.skip("no Node on this machine")
    text = f"import {{ readFileSync }} from 'node:fs';\nconst input = JSON.parse(readFileSync(0, 'utf8'));\n{script}"
    done = subprocess.run(
        [program, "--input-type=module", "-e", text], input=json.dumps(given), capture_output=True, text=True,
        cwd=APP, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def values(seed: int, count: int) -> list[Any]:
    """Plain JSON of all kinds: odd keys, marks, controls, pairs of surrogates, long and small numbers."""
    dice = random.Random(seed)
    letters = ["a", "Z", "é", "ệ", "\u0301", "€", "\u2028", "\x7f", "\n", "\\", '"', "/", "\x01", "😀", "\ufffd", "ﬀ"]

    def text() -> str:
        return "".join(dice.choices(letters, k=dice.randrange(6)))

    def number() -> Any:
        kinds = (
            0,
            -1,
            7,
            2**53 - 1,
            0.1,
            -0.0,
            1e21,
            1e-7,
            123456789.125,
            dice.uniform(-180, 180),
            dice.random() * 1e-9,
        )
        return dice.choice(kinds)

    def value(depth: int) -> Any:
        kind = dice.randrange(6 if depth else 4)
        if kind == 4:
            return [value(depth - 1) for _ in range(dice.randrange(4))]
        if kind == 5:
            return {text(): value(depth - 1) for _ in range(dice.randrange(5))}
        return (text(), number(), dice.choice([True, False, None]), "tên")[kind]

    return [value(3) for _ in range(count)]


def test_the_phone_and_the_office_write_the_same_bytes_and_the_same_hash():
    vectors = [*values(7, 400), {"accuracy_m": 0.00005}, [0.0000021, 0.00012, 0.000001]]
    script = "import { canonical, fingerprint } from './core/canonical.js';\n" + (
        "const made = []; for (const one of input) made.push([canonical(one), await fingerprint(one)]);\n"
        "console.log(JSON.stringify(made));"
    )
    made = node(script, vectors)
    expected = [rfc8785.dumps(one) for one in vectors]
    assert [text.encode() for text, _ in made] == expected
    assert [digest for _, digest in made] == [hashlib.sha256(one).hexdigest() for one in expected]
    assert event_hash(vectors[400]) == made[400][1], "small fractions are written out"
    composed = {"id": "x", "note": "Đã gọi lúc 9 giờ", "position": {"lat": 21.066571, "lon": 105}}
    assert (
        node(script, [composed])[0][1] == event_hash(composed) == hashlib.sha256(canonical_json(composed)).hexdigest()
    )


def test_what_has_no_canonical_form_is_refused_on_the_phone_too():
    script = """import { canonical } from './core/canonical.js';
const bad = [NaN, Infinity, undefined, '\\ud800', {a: '\\udc00x'}, () => 1];
console.log(JSON.stringify(bad.map((one) => { try { canonical(one); return false; } catch { return true; } })));"""
    assert node(script, None) == [True] * 6


def test_an_event_as_the_app_mints_it_is_read_by_the_office_without_a_fault():
    script = """import { stamp, uuid7, BOOT } from './core/moment.js';
import { canonical, fingerprint } from './core/canonical.js';
const event = {id: uuid7(), phone: uuid7(), seq: 1, previous: '0'.repeat(64), at: stamp(), monotonic_ms: 12, boot: BOOT,
  clock_offset_ms: null, app: '1.0.0', step: 'deliver', item: input.item, bag: '', parent: null, from: 'courier:an', to: 'receiver',
  reason: '', action: '', evidence: ['identity', 'signature'], capture: 'camera', note: 'Đã thu hồi', corrects: null,
  position: {lat: 21.066571, lon: 105, accuracy_m: 12.5, age_s: 3},
  proof: {receiver: 'Hường', relation: 'chủ hồ sơ', authorisation: '', identity_type: 'CCCD', identity_last4: '2345',
    identity_matched: true, collected: 26000, code: '', signature: 'a'.repeat(64), photo: ''}};
console.log(JSON.stringify({event, hash: await fingerprint(event), early: stamp(new Date(Date.UTC(2026, 10, 29, 3, 2, 3, 123)))}));"""
    said = node(script, {"item": number_in_range("RD", 12).text})
    read = read_event(said["event"])
    assert read.fault == "" and read.hash == said["hash"] == event_hash(said["event"])
    assert re.fullmatch(r"2026-11-\d\dT\d\d:\d\d:03\.123[+-]\d\d:\d\d", said["early"])


OLD = {
    "id": "01980000-0000-7000-8000-000000000001", "phone": "01980000-0000-7000-8000-0000000000aa", "seq": 1,
    "previous": "0" * 64, "at": "2026-11-29T10:02:03.123+07:00", "monotonic_ms": 12, "boot": None,
    "clock_offset_ms": -250, "app": "1.0.0", "step": "attempt_failed", "item": "RD000000125VN", "bag": "",
    "parent": None, "from": "courier:an", "to": "", "reason": "absent", "action": "redeliver",
    "evidence": ["position"], "capture": "camera", "note": "hẹn 2026-12-02 14–16h; giấy mời 1", "corrects": None,
    "position": {"lat": 21.066571, "lon": 105, "accuracy_m": 12.5, "age_s": 3}, "proof": None,
}  # fmt: skip
NEW = OLD | {"app": "1.1.0", "note": "", "redelivery": {"on": "2026-12-02", "hours": "14–16h"}, "invitation": 1}
PAPER = {"id": "01980000-0000-7000-8000-0000000000bb", "taken": True}
GIVEN = NEW | {
    "step": "deliver",
    "redelivery": None,
    "invitation": 0,
    "proof": {"receiver": "Hường", "papers": [PAPER]},
}
VECTORS = {
    "844ddaae626f0cd3b9d48b8745b30236fedf50a977211fe8c97034afb0b57703": OLD,
    "b34e10025a1c28617710738b7a1c186ea81840c25054447ea832adc0d951b15f": NEW,
    "44df4a7eb4704a7186cd90b0672d7f72a8fe3568699e172e7652fc12ca7f1ef2": GIVEN,
}


def test_an_event_of_an_older_app_keeps_its_hash_and_a_newer_one_has_its_fields_in_it():
    """These bytes lie in phones and in offices' chains: a change here breaks them."""
    script = """import { fingerprint } from './core/canonical.js';
console.log(JSON.stringify(await Promise.all(input.map(fingerprint))));"""
    assert node(script, list(VECTORS.values())) == list(VECTORS)
    assert [read_event(one).hash for one in VECTORS.values()] == list(VECTORS)
    old, new, given = (read_event(one) for one in VECTORS.values())
    assert not (old.fault or new.fault or given.fault)
    assert (old.redelivery, old.invitation, given.redelivery) == (None, 0, None)
    assert (new.redelivery, new.invitation) == (Redelivery(date(2026, 12, 2), "14–16h"), 1)
    assert given.proof.papers == {UUID(PAPER["id"]): True}


def test_the_phone_foretells_what_counts_by_the_offices_own_rules():
    evidence = [one.value for one in EVIDENCE_NAME]
    cases = [(rule, some) for rule in reasons() for some in ([], evidence, rule["evidence"], rule["evidence"][1:])]
    script = """import { judged } from './core/attempts.js';
console.log(JSON.stringify(input.map(([reason, evidence]) => judged(reason, evidence, {counted: 0}).counts)));"""
    told = node(script, cases)
    for (rule, some), counts in zip(cases, told, strict=True):
        own = RULES[Reason(rule["value"])]
        assert counts == (own.counts and not {one.value for one in own.evidence} - set(some)), (rule["value"], some)


def test_numbers_money_and_pins_are_judged_as_at_the_office():
    numbers = [number_in_range("RD", n).text for n in (0, 1, 12_345_678, 99_999_999)]
    script = """import { s10, dong, dongOf, grouped } from './ui/show.js';
import { waitAfter, weakness } from './core/vault.js';
console.log(JSON.stringify({good: input.map((one) => s10(grouped(one))), bad: input.map((one) => s10(one.slice(0, 10) + (Number(one[10]) + 1) % 10 + 'VN')),
  money: [dong(0), dong(26000), dong(1234567), dongOf('26.000'), dongOf('26,000 đ'), dongOf('-5'), dongOf('26k')],
  weak: ['123456', '987654', '000000', '12345', '482915'].map(weakness), waits: [1, 2, 3, 4, 20].map(waitAfter)}));"""
    said = node(script, numbers)
    assert said["good"] == numbers and said["bad"] == [None] * 4
    assert said["money"] == ["0 đ", "26.000 đ", "1.234.567 đ", 26_000, 26_000, None, None]
    assert said["weak"] == ["simple", "simple", "simple", "short", ""]
    assert said["waits"] == [0, 0, 30_000, 60_000, 900_000]


def test_a_hand_over_is_taken_only_as_it_was_signed_and_by_whom_it_names():
    script = """import { pieces, Collector, manifestOf, read } from './core/handover.js';
import { canonical } from './core/canonical.js';
import { base64url, unhex, utf8 } from './core/bytes.js';
const pair = await crypto.subtle.generateKey({name: 'ECDSA', namedCurve: 'P-256'}, true, ['sign', 'verify']);
const key = await crypto.subtle.exportKey('jwk', pair.publicKey), now = Date.now();
const items = Array.from({length: 40}, (_, n) => ({number: `RD000${10000 + n}0VN`, parent: crypto.randomUUID()}));
const signed = async (text) => `${text}.${base64url(await crypto.subtle.sign({name: 'ECDSA', hash: 'SHA-256'}, pair.privateKey, utf8(text)))}`;
const body = async (more = {}) => canonical({v: 1, g: 'an', p: 'phone-1', r: 'tam', m: await manifestOf(items), c: 40,
  i: items.map((one) => one.number + base64url(unhex(one.parent))), t: new Date(now).toISOString(), n: 'x', ...more});
const whole = await signed(await body()), parts = pieces(whole), found = new Collector();
const order = [...parts].reverse().map((one) => found.take(one));
const couriers = [{username: 'an', phone: 'phone-1', key}];
const why = async (text, more = {}) => (await read(text, {me: 'tam', couriers, now, ...more})).why;
const offer = (await read(found.text, {me: 'tam', couriers, now})).offer;
console.log(JSON.stringify({same: found.text === whole, longest: Math.max(...parts.map((one) => one.length)), last: order.at(-1),
  items: JSON.stringify(offer.items) === JSON.stringify(items), whys: [await why(whole), await why(whole.replace('"c":40', '"c":41')),
  await why(await signed(await body({c: 41}))), await why(whole, {me: 'other'}), await why(whole, {couriers: []}),
  await why(whole, {now: now + 13 * 3600e3}), await why('not json.at all')]}));"""
    said = node(script, None)
    assert said["same"] and said["last"] == "whole" and said["items"]
    assert said["longest"] < 450  # one QR code that another phone's camera still reads
    assert said["whys"] == ["", "signature", "manifest", "other", "unknown", "old", "broken"]


def test_a_delivery_is_held_back_by_what_is_missing_and_by_nothing_else():
    stroke = [[[n, n] for n in range(9)]]
    whole = {
        "receiver": "Nguyễn Thị Hường",
        "relation": "chủ hồ sơ",
        "authorisation": "",
        "last4": "2345",
        "matched": True,
        "taken": ["p1"],
        "collected": "26.000",
        "strokes": stroke,
        "typed": "",
        "code": "",
    }
    item = {
        "collect": 26_000,
        "deliver_only_to": "",
        "take_back": [
            {"id": "p1", "name": "GPLX cũ", "required": True},
            {"id": "p2", "name": "Biên lai", "required": False},
        ],
    }
    cases = [
        ({}, {}, []), ({"receiver": " "}, {}, ["receiver"]), ({"last4": "23"}, {}, ["last4"]), ({"matched": False}, {}, ["matched"]),
        ({"collected": "25.999"}, {}, ["collected"]), ({"collected": ""}, {"collect": 0}, []), ({"taken": []}, {}, ["papers"]),
        ({"relation": "người được ủy quyền"}, {}, ["authorisation"]), ({"strokes": []}, {}, ["signature"]),
        ({"strokes": [], "code": "123456"}, {}, []), ({"strokes": [], "typed": "nguyen thi huong"}, {}, []),
        ({"strokes": [], "typed": "Người Khác"}, {}, ["signature"]), ({"receiver": "Em"}, {"deliver_only_to": "Hường"}, ["receiver"]),
        ({"strokes": [[[1, 1]]]}, {}, ["signature"]),
    ]  # fmt: skip
    script = """import { deliveryErrors } from './ui/deliver_rules.js';
console.log(JSON.stringify(input.map(([value, item]) => Object.keys(deliveryErrors(item, value)))));"""
    told = node(script, [(whole | value, item | change) for value, change, _ in cases])
    assert told == [wrong for _, _, wrong in cases]


def test_every_word_on_the_phone_has_english():
    english = dict(STRING_PAIR.findall((APP / "ui" / "words_en.js").read_text(encoding="utf-8")))
    missing = [f"{path.name}: {words}" for path in OURS for words in spoken(path) if words not in english]
    assert missing == [] and len(english) > 250
    for words, said in english.items():
        assert sorted(re.findall(r"\{\w+\}", words)) == sorted(re.findall(r"\{\w+\}", said)), words
    told = [*REASON_NAME.values(), *ACTION_NAME.values(), *EVIDENCE_NAME.values(), *STATE_NAME.values()]
    assert [words for words in (*told, *(value for value, _ in RELATIONS)) if words not in english] == []


STRING_PAIR = re.compile(r'"((?:[^"\\]|\\.)+)": "((?:[^"\\]|\\.)+)"')


def spoken(path: Path) -> list[str]:
    """Strings of a script that somebody reads: those with Vietnamese letters, outside comments."""
    lines = files.without_comments(path.read_bytes()).decode().splitlines()
    strings = [found for line in lines for found in STRING.findall(re.sub(r"(?<!:)//.*$", "", line))]
    return [words for words in strings if VIETNAMESE.search(words) and words not in SAID_AS_IT_IS]


def test_the_phone_names_states_and_attempts_as_the_office_does():
    show = (APP / "ui" / "show.js").read_text(encoding="utf-8")
    for state, words in STATE_NAME.items():
        assert f'{state.value}: "{words}"' in show or (state is ItemState.REGISTERED and words in show), state
    assert f"MOST_ATTEMPTS = {MIN_ATTEMPTS};" in (APP / "ui" / "cards.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.relative_to(APP).as_posix())
def test_a_script_says_what_it_is_for_and_fits_a_reader(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("// ") and len(lines) < 300


def test_only_comments_are_left_out_of_what_a_phone_loads():
    whole = (APP / "core" / "outbox.js").read_bytes()
    short = files.without_comments(whole)
    assert len(short) < len(whole) and b"@param" not in short and b"navigator.locks" in short
