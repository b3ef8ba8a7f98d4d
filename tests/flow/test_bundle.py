"""The proof bundle: stands alone on any machine, shows every change, and outlives the erasure of its subject."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from agent.clock import SystemClock
from agent.documents.demo_ca import DemoAuthority
from agent.documents.signing import DemoSigners
from agent.domain.canonical import canonical_json, digest
from agent.domain.canonical_zip import pack, unpack
from agent.errors import NotFound, RuleViolation
from agent.intake.erase import erase_person
from agent.processes import main
from agent.reconcile.bundle import make_bundle
from agent.reconcile.verify import Verdict, verify
from agent.store import journal, search
from agent.store.dossiers import Contact, Dossier, Subject
from agent.store.items import Proof
from agent.wiring import offline_checker
from tests.builders import CHIEF, Station, delivered, handed_off, received, signed, station_with_province

NAME, ID, RECEIVER = "Nguyễn Thị Hường", "001188012345", "2345"
CHECKER = offline_checker(SystemClock())
Members = dict[str, Any]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    with station_with_province(tmp_path_factory.mktemp("station")) as at:
        yield at


@pytest.fixture(scope="module")
def dossier(running: Station) -> Dossier:
    return delivered(running)


@pytest.fixture(scope="module")
def bundle(running: Station, dossier: Dossier) -> bytes:
    return make_bundle(running.site, dossier.uid)


def judged(bundle: bytes, *roots: bytes, strict: bool = False) -> Verdict:
    return verify(bundle, checker=CHECKER, roots=roots, strict=strict)


def test_a_bundle_stands_on_a_machine_that_knows_nothing_and_says_training(bundle: bytes) -> None:
    assert judged(bundle) == Verdict(consistent=True, trusted=False, training=True)
    assert judged(bundle).stands(strict=False) and not judged(bundle).stands(strict=True)


def test_a_given_root_is_believed_and_an_unknown_one_is_refused(
    running: Station, bundle: bytes, tmp_path: Path
) -> None:
    root = running.site.signers().roots()[0]
    assert judged(bundle, root, strict=True) == Verdict(consistent=True, trusted=True, training=True)
    other = DemoAuthority.open(tmp_path, at=datetime.now(UTC)).root_pem
    refused = judged(bundle, other, strict=True)
    assert (refused.consistent, refused.trusted, refused.training) == (True, False, False)
    assert len(refused.problems) == 4 and not refused.stands(strict=True)


def test_the_same_facts_give_the_same_bytes_but_for_the_seal(running: Station, dossier: Dossier, bundle: bytes) -> None:
    first, again = unpack(bundle), unpack(make_bundle(running.site, dossier.uid))
    assert {name for name in first if first[name] != again[name]} <= {"manifest.cms"}


def test_a_thousand_flipped_bits_are_all_refused(bundle: bytes) -> None:
    rng, whole = random.Random(7), bytearray(bundle)
    places = [rng.randrange(len(whole)) for _ in range(900)] + [len(whole) - 1 - n for n in range(100)]
    for place in places:
        bit = 1 << rng.randrange(8)
        whole[place] ^= bit
        verdict = judged(bytes(whole))
        assert not verdict.consistent and verdict.problems, f"bit {bit} of byte {place}"
        whole[place] ^= bit


@pytest.mark.parametrize("cut", [0, 1, 21, 22, 500, -1, -22])
def test_what_is_cut_off_or_added_is_refused(bundle: bytes, cut: int) -> None:
    assert not judged(bundle[:cut]).consistent
    assert not judged(bundle + b"\0").consistent


@pytest.mark.parametrize("junk", [b"", b"PK", b"\xff" * 5000, pack({}), pack({"manifest.json": b"[" * 9000})])
def test_what_is_no_bundle_is_refused_in_words(junk: bytes) -> None:
    verdict = judged(junk)
    assert not verdict.consistent and verdict.problems


def sealed(members: dict[str, bytes], running: Station) -> bytes:
    """The members under a new manifest with a correct seal: what only the office itself could forge."""
    manifest = json.loads(members["manifest.json"])
    members = {name: data for name, data in members.items() if name not in ("manifest.json", "manifest.cms")}
    manifest["members"] = {n: {"sha256": hashlib.sha256(d).hexdigest(), "size": len(d)} for n, d in members.items()}
    text = canonical_json(manifest)
    seal = running.site.signers().office("Bưu cục Tây Hồ").sign_bytes(text)
    return pack({**members, "manifest.json": text, "manifest.cms": seal})


def _fee(parts: Members) -> None:
    parts["dossier.json"]["payloads"][0]["payload"]["fees"][0]["amount"] += 1


def _fee_with_digest(parts: Members) -> None:
    _fee(parts)
    sent = parts["dossier.json"]["payloads"][0]
    sent["digest"] = digest(canonical_json(sent["payload"]))


def _state(parts: Members) -> None:
    parts["dossier.json"]["state"] = "result_ready"


def _number(parts: Members) -> None:
    parts["dossier.json"]["official"] = "H26.019.02-261122-099999"


def _actor(parts: Members) -> None:
    parts["journal.json"][3]["actor"] = "user:khac"


def _entry_gone(parts: Members) -> None:
    parts["journal.json"] = [one for one in parts["journal.json"] if one["kind"] != "close"]


def _holder(parts: Members) -> None:
    parts["custody.json"][0]["holder"] = "courier:khac"


def _event(parts: Members) -> None:
    parts["custody.json"][0]["events"][-1]["actor"] = "user:khac"


def _event_gone(parts: Members) -> None:
    item = parts["custody.json"][0]
    item["events"].pop()
    item["state"], item["holder"] = "out_for_delivery", "courier:tuyen7"


def _proof(parts: Members) -> None:
    parts["proofs.json"] = []


def _shape(parts: Members) -> None:
    parts["custody.json"] = [{"number": 7}]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_fee, "Mã tóm tắt"),
        (_fee_with_digest, "Biên nhận"),
        (_state, "Trạng thái hồ sơ"),
        (_number, "ghi khác nhau"),
        (_actor, "đã bị sửa"),
        (_entry_gone, "Trạng thái hồ sơ"),
        (_holder, "trạng thái không khớp"),
        (_event, "không khớp sổ"),
        (_event_gone, "không có trong gói"),
        (_proof, "Bằng chứng phát"),
        (_shape, "không kiểm tra được"),
    ],
)
def test_facts_that_disagree_are_refused_even_under_a_correct_seal(
    running: Station, bundle: bytes, change: Callable[[Members], None], words: str
) -> None:
    members = unpack(bundle)
    parts = {name: json.loads(members[name]) for name in members if name.endswith(".json") and "/" not in name}
    change(parts)
    changed = {name: canonical_json(part) for name, part in parts.items()}
    verdict = judged(sealed({**members, **changed}, running))
    assert not verdict.consistent and any(words in problem for problem in verdict.problems), verdict.problems


def test_a_paper_or_receipt_that_was_exchanged_is_refused(running: Station, bundle: bytes) -> None:
    members = unpack(bundle)
    paper = next(name for name in members if name.startswith("papers/"))
    assert "SHA-256" in judged(sealed({**members, paper: members[paper] + b"\n"}, running)).problems[0]
    swapped = {**members, "receipts/01-submit.cms": members["receipts/02-delivery.cms"]}
    verdict = judged(sealed(swapped, running))
    assert not verdict.consistent and "receipts/01-submit.json" in verdict.problems[0]


def test_what_is_not_as_listed_is_refused(bundle: bytes) -> None:
    members = unpack(bundle)
    paper = next(name for name in members if name.startswith("papers/"))
    for changed in (
        {**members, "proofs.json": members["proofs.json"] + b" "},
        {**members, "extra.json": b"{}"},
        {name: data for name, data in members.items() if name != paper},
        {**members, "manifest.json": members["manifest.json"].replace(b"BC-TAYHO", b"BC-KHAC1")},
    ):
        assert not judged(pack(changed)).consistent


def test_a_seal_of_someone_else_is_no_seal(bundle: bytes, tmp_path: Path) -> None:
    members = unpack(bundle)
    stranger = DemoSigners(DemoAuthority.open(tmp_path, at=datetime.now(UTC)), SystemClock())
    seal = stranger.office("Bưu cục Tây Hồ").sign_bytes(members["manifest.json"])
    verdict = judged(pack({**members, "manifest.cms": seal}))
    assert verdict.consistent and not verdict.training and not verdict.stands(strict=False)


@pytest.mark.parametrize(("name", "training"), [("Bưu cục giả", False), ("Bưu cục giả TRAINING", True)])
def test_a_root_that_a_bundle_brings_itself_is_believed_only_when_it_claims_nothing(
    running: Station, name: str, training: bool
) -> None:
    members = unpack(make_bundle(running.site, received(running).uid))  # no receipts, no papers: one signature
    certificate, sign = own_key(name)
    members["chain.pem"] = certificate
    manifest = json.loads(members["manifest.json"])
    about = {"sha256": hashlib.sha256(certificate).hexdigest(), "size": len(certificate)}
    manifest["members"]["chain.pem"] = about
    members["manifest.json"] = canonical_json(manifest)
    verdict = judged(pack({**members, "manifest.cms": sign(members["manifest.json"])}))
    assert (verdict.consistent, verdict.trusted, verdict.training) == (True, False, training)


def own_key(name: str) -> tuple[bytes, Callable[[bytes], bytes]]:
    """A self-signed certificate (PEM) and its detached signatures."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(who, who, key.public_key(), 1, start, start + timedelta(days=3650))
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    certificate = made.add_extension(usage, critical=True).sign(key, hashes.SHA256())

    def sign(data: bytes) -> bytes:
        signed = pkcs7.PKCS7SignatureBuilder().set_data(data).add_signer(certificate, key, hashes.SHA256())
        return signed.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])

    return certificate.public_bytes(Encoding.PEM), sign


def test_only_the_canonical_dossier_names_the_citizen(bundle: bytes) -> None:
    members = unpack(bundle)
    text = {name: data.decode() for name, data in members.items() if name.endswith(".json")}
    naming = {name for name, words in text.items() if NAME in words or ID in words}
    assert naming == {"dossier.json"}
    assert RECEIVER not in text["proofs.json"] and "Lạc Long Quân" not in text["custody.json"]


def test_a_bundle_can_be_made_on_the_way_too(running: Station) -> None:
    for make in (signed, handed_off):
        verdict = judged(make_bundle(running.site, make(running).uid))
        assert verdict == Verdict(consistent=True, trusted=False, training=True)


def test_an_erased_person_is_gone_and_every_proof_still_stands(
    running: Station, dossier: Dossier, bundle: bytes
) -> None:
    site = running.site
    with pytest.raises(RuleViolation, match="Chưa xoá được"):
        erase_person(site, ID, basis="91/2025/QH15", by=CHIEF)  # two others of this person are still open
    assert site.vault.has(next(iter(_papers(bundle))))

    card = "001088054321||Trần Thị Đào|14031988|Nữ|12 Lạc Long Quân, Tây Hồ, Hà Nội|05062021"
    closed = delivered(running, card=card)
    before = make_bundle(site, closed.uid)
    assert erase_person(site, "001088054321", basis="91/2025/QH15", by=CHIEF) == [closed.provisional]

    assert judged(before) == judged(make_bundle(site, closed.uid)) == Verdict(True, False, True)
    assert unpack(make_bundle(site, closed.uid))["dossier.json"].find("Trần Thị Đào".encode()) == -1
    assert not any(site.vault.has(sha256) for sha256 in _papers(before))
    assert journal.verify() == []
    assert not Subject.select().where(Subject.name == "Trần Thị Đào").exists()
    assert Contact.get(Contact.dossier == closed).address == ""
    assert Proof.select().where(Proof.receiver == "").exists()
    assert search.find("Trần Thị Đào") == [] and search.find(closed.provisional) == [closed.id]
    with pytest.raises(NotFound):
        erase_person(site, "001088054321", basis="91/2025/QH15", by=CHIEF)


def _papers(bundle: bytes) -> set[str]:
    return {name[7:-4] for name in unpack(bundle) if name.startswith("papers/")}


def test_the_commands_export_verify_and_compare_with_their_exit_codes(
    running: Station,
    dossier: Dossier,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("POSTAL_AGENT_PROVINCE_ENDPOINT", running.site.settings.province.endpoint)
    data, out = ["--data", str(running.folder)], tmp_path / "proof.zip"
    elsewhere = ["--data", str(tmp_path / "nowhere")]
    try:
        assert main(["bundle", dossier.official or "", "--out", str(out), *data]) == 0
        capsys.readouterr()
        assert main(["verify", str(out), "--json", *elsewhere]) == 0
        assert json.loads(capsys.readouterr().out) == judged(out.read_bytes()).plain()
        assert not (tmp_path / "nowhere").exists()

        (tmp_path / "other.pem").write_bytes(own_key("khác")[0])
        assert main(["verify", str(out), "--trust", str(tmp_path / "other.pem"), *elsewhere]) == 1
        assert main(["verify", str(out), "--trust", str(running.folder / "demonstration-ca" / "root.pem")]) == 0
        out.write_bytes(out.read_bytes()[:-1])
        assert main(["verify", str(out), "--json", *elsewhere]) == 1

        assert main(["reconcile", *data]) == 0
        running.bind().act(dossier, "plant", kind="fee")
        capsys.readouterr()
        assert main(["reconcile", "--json", *data]) == 1
        (line,) = capsys.readouterr().out.splitlines()
        assert [one["kind"] for one in json.loads(line)["differences"]] == ["fee"]
        running.act(dossier, "unplant", kind="fee")
        monkeypatch.setenv("POSTAL_AGENT_PROVINCE_ENDPOINT", "http://127.0.0.1:9/soap/tthc")
        assert main(["reconcile", *data]) == 4
    finally:
        running.bind()
