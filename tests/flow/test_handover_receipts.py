"""The citizen's receipt of a hand-over: it stands offline, says no more than it must, and shows each change."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp

from agent.citizen.receipt import receipt_pdf, receipts_of, trusted_keys
from agent.citizen.receipt_check import check
from agent.documents.receipt_key import FileReceiptKey
from agent.errors import ConfigError
from agent.processes import main
from agent.store.dossiers import Dossier
from agent.tracking.deliver import ProofInput, deliver
from tests.e2e import rounds

PROOF = ProofInput(
    receiver="Nguyễn Thị Hường", relation="chủ hồ sơ", identity_type="CCCD", identity_last4="2345",
    identity_matched=True, signature=b"strokes", position={"lat": 21.07, "lon": 105.82, "accuracy_m": 12},
)  # fmt: skip


@pytest.fixture(scope="module")
def at(tmp_path_factory):
    made = rounds.station(tmp_path_factory.mktemp("office"))
    yield made
    made.site.store.close()


@pytest.fixture(scope="module")
def given(at):
    """A delivered dossier, its item's number and its receipt."""
    item = rounds.out(at)
    deliver(at.site, item.number, PROOF, by=rounds.COURIER)
    dossier = Dossier.get_by_id(item.dossier_id)
    (receipt,) = receipts_of(at.site, dossier)
    return dossier, item.number, receipt


def test_a_receipt_says_item_office_time_and_initials_and_nothing_else(at, given):
    dossier, number, receipt = given
    facts = json.loads(receipt.json())["receipt"]
    assert set(facts) == {"item", "way", "office", "office_name", "at", "receiver", "proof", "training"}
    assert (facts["item"], facts["receiver"], facts["office_name"]) == (number, "N*** T*** H***", "Bưu cục Tây Hồ")
    text = receipt.json().decode() + base64.urlsafe_b64decode(receipt.jws.split(".")[1] + "==").decode()
    for secret in ("Hường", "Nguyễn", "2345", "21.07", dossier.provisional, dossier.official, "Lạc Long Quân"):
        assert secret not in text


def test_it_is_the_same_each_time_and_only_for_what_was_delivered(at, given):
    dossier, _, receipt = given
    assert receipts_of(at.site, dossier) == [receipt]
    assert receipts_of(at.site, Dossier.get_by_id(rounds.out(at, 1).dossier_id)) == []


def test_file_pdf_and_qr_stand_by_the_published_key_alone(at, given):
    _, _, receipt = given
    keys = trusted_keys(at.site)
    pdf = receipt_pdf(at.site, receipt)
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=300 / 72).to_pil()
    codes = [code.text for code in zxingcpp.read_barcodes(picture)]
    url = next(code for code in codes if "/t/check/" in code)
    for data in (receipt.json(), pdf, url.encode(), receipt.jws.encode()):
        verdict = check(data, keys)
        assert verdict is not None and verdict.consistent and verdict.trusted and verdict.training, data[:40]
        assert verdict.facts == receipt.facts


def test_each_change_of_a_letter_is_seen(at, given):
    receipt = given[2]
    keys, file = trusted_keys(at.site), receipt.json()
    for place in range(0, len(file), 7):
        changed = bytearray(file)
        changed[place] ^= 1
        verdict = check(bytes(changed), keys)
        if verdict is None:
            continue  # no receipt any more
        known = json.loads(bytes(changed)) if verdict.consistent else {}
        assert not verdict.consistent or (
            known["jws"] == receipt.jws and known["receipt"] == json.loads(file)["receipt"]
        )


def test_another_offices_receipt_is_consistent_and_not_trusted(given):
    verdict = check(given[2].json(), {})
    assert verdict is not None and verdict.consistent and not verdict.trusted
    assert verdict.stands(strict=False) and not verdict.stands(strict=True)
    bare = check(given[2].jws.encode(), {})
    assert bare is not None and not bare.consistent and "khóa công khai" in bare.problems[0]
    assert check(b"PK\x03\x04", {}) is None and check(b"{}", {}) is None and check(b"", {}) is None


def test_verify_judges_receipts_on_any_machine(at, given, tmp_path, capsys):
    receipt = given[2]
    (tmp_path / "r.pdf").write_bytes(receipt_pdf(at.site, receipt))
    (tmp_path / "r.json").write_bytes(receipt.json())
    (tmp_path / "bad.json").write_bytes(receipt.json().replace(b"RD", b"RE", 1))
    (key,) = (at.site.settings.data / "keys").glob("receipt*.pub.pem")
    empty = ["--data", str(tmp_path / "nothing")]
    for name, trust, expected in (
        ("r.pdf", [], 0), ("r.json", [], 0), ("r.pdf", ["--trust", str(key)], 0), ("bad.json", [], 1),
        ("bad.json", ["--trust", str(key)], 1),
    ):  # fmt: skip
        assert main(["verify", str(tmp_path / name), *trust, *empty, "--json"]) == expected, name
        said = json.loads(capsys.readouterr().out)
        assert said["training"] or expected
        assert said["trusted"] is bool(trust and not expected)
    assert not (tmp_path / "nothing").exists()
    (tmp_path / "wrong.pem").write_text("no key")
    assert main(["verify", str(tmp_path / "r.pdf"), "--trust", str(tmp_path / "wrong.pem"), *empty]) == 3


def test_the_key_is_made_once_kept_private_and_never_of_two_kinds(tmp_path):
    first = FileReceiptKey.open(tmp_path / "keys", b"secret", training=True)
    again = FileReceiptKey.open(tmp_path / "keys", b"secret", training=True)
    real = FileReceiptKey.open(tmp_path / "keys", b"secret", training=False)
    assert first.kid == again.kid != real.kid and not real.training
    assert (tmp_path / "keys" / "receipt.pem").stat().st_mode & 0o077 == 0
    with pytest.raises(ConfigError, match="biên nhận"):
        FileReceiptKey.open(tmp_path / "keys", b"other", training=True)


def test_a_program_without_a_key_says_so(at, given):
    with pytest.raises(ConfigError, match="khóa biên nhận"):
        receipts_of(replace(at.site, receipt_key=lambda: None), given[0])
