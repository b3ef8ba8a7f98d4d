"""The evidence of one paper: stands alone on any machine, and every change to what it says is found."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.clock import SystemClock
from agent.documents.demo_ca import DemoAuthority
from agent.domain.actor import Actor
from agent.domain.canonical import canonical_json
from agent.domain.canonical_zip import pack, unpack
from agent.domain.roles import Role
from agent.errors import NotFound
from agent.intake.arrange import replace_by_waiting
from agent.intake.digitise import make_copies
from agent.intake.feed_answers import accept
from agent.intake.filing import add_pages, wants_copy
from agent.intake.inbox import file_pages, take_in
from agent.intake.label import confirm_label
from agent.intake.sign import sign_copies, signed_papers
from agent.ports_pages import PageFile
from agent.processes import main
from agent.reconcile.paper_bundle import make_paper_bundle
from agent.reconcile.verify import Verdict, verify
from agent.site import Site
from agent.store.dossiers import Dossier
from agent.store.lookup import components_of
from agent.store.papers import Paper
from agent.wiring import offline_checker
from tests.builders import CLERK, OFFICE, Station, received, scanned, signed, station
from tests.contract.test_tokens import module, rig, trust
from tests.contract.token_rig import PIN, Authority, TokenRig
from tests.flow.test_signing_by_token import Desk
from tests.unit.test_pages_gate import encoded, sheet

__all__ = ["module", "rig", "trust"]  # fixtures
COLLEAGUE = Actor("minh", "Đỗ Minh", Role.CLERK, OFFICE, "T1")
CHECKER = offline_checker(SystemClock())
Parts = dict[str, Any]


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Station:
    return station(tmp_path_factory.mktemp("station"))


@pytest.fixture(scope="module")
def dossier(at: Station) -> Dossier:
    return signed(at)


@pytest.fixture(scope="module")
def paper(dossier: Dossier) -> Paper:
    return signed_papers(dossier)[0]


@pytest.fixture(scope="module")
def bundle(at: Station, dossier: Dossier, paper: Paper) -> bytes:
    return make_paper_bundle(at.site, dossier.uid, paper.uid)


def judged(bundle: bytes, *roots: bytes, strict: bool = False, pdf: bytes | None = None) -> Verdict:
    return verify(bundle, checker=CHECKER, roots=roots, strict=strict, pdf=pdf)


def sealed(members: dict[str, bytes], site: Site) -> bytes:
    """The members under a new manifest with a correct seal: what only the office itself could forge."""
    manifest = json.loads(members["manifest.json"])
    members = {name: data for name, data in members.items() if name not in ("manifest.json", "manifest.cms")}
    manifest["members"] = {n: {"sha256": hashlib.sha256(d).hexdigest(), "size": len(d)} for n, d in members.items()}
    text = canonical_json(manifest)
    return pack({**members, "manifest.json": text, "manifest.cms": site.signers().office("Bưu cục").sign_bytes(text)})


def changed(bundle: bytes, site: Site, change: Callable[[Parts], None]) -> Verdict:
    """The verdict when a fact was changed and sealed anew."""
    members = unpack(bundle)
    facts = json.loads(members["paper.json"])
    change(facts)
    return judged(sealed({**members, "paper.json": canonical_json(facts)}, site))


# --- a training paper --------------------------------------------------------------------------
def test_a_paper_s_evidence_stands_on_a_machine_that_knows_nothing_and_says_training(bundle: bytes) -> None:
    verdict = judged(bundle)
    assert (verdict.consistent, verdict.trusted, verdict.training, verdict.problems) == (True, False, True, ())
    assert verdict.stands(strict=False) and not verdict.stands(strict=True)


def test_it_says_what_a_doubtful_official_asks(bundle: bytes, paper: Paper) -> None:
    facts = json.loads(unpack(bundle)["paper.json"])
    (page,) = facts["pages"]
    assert page["name"] == "scan.jpg" and page["dpi"] == 200 and page["verdict"] == "ok"
    assert facts["digitised"]["by"] == "user:lananh" and facts["digitised"]["terminal"] == "T1"
    assert facts["copy"]["evidence"]["pdfa"]["verdict"] == "pass"
    assert [one["verdict"] for one in facts["archive"]["copy"]] == ["pass", "pass"]
    assert facts["archive"]["signed"][1] == {
        "flavour": "2b",
        "verdict": "pass",
        "validator": facts["archive"]["copy"][1]["validator"],
    }
    assert facts["signed"]["sha256"] == paper.signed_sha256 and facts["signed"]["signature"]["level"] == "B-B"
    assert "001188012345" not in json.dumps(facts), "the owner's number is no part of it"


def test_two_hundred_flipped_bytes_are_all_refused(bundle: bytes) -> None:
    rng, whole = random.Random(11), bytearray(bundle)
    for _ in range(200):
        place, other = rng.randrange(len(whole)), rng.randrange(1, 256)
        whole[place] ^= other
        verdict = judged(bytes(whole))
        assert not verdict.consistent and verdict.problems, f"byte {place}"
        whole[place] ^= other


def test_the_same_facts_give_the_same_bytes_but_for_the_seal(at: Station, dossier: Dossier, paper: Paper) -> None:
    first, again = (unpack(make_paper_bundle(at.site, dossier.uid, paper.uid)) for _ in range(2))
    assert {name for name in first if first[name] != again[name]} <= {"manifest.cms"}


def test_without_the_pdf_it_says_so_and_takes_the_right_one_beside_it(
    at: Station, dossier: Dossier, paper: Paper
) -> None:
    bare = make_paper_bundle(at.site, dossier.uid, paper.uid, with_pdf=False)
    assert "paper.pdf" not in unpack(bare)
    verdict = judged(bare)
    assert verdict.stands(strict=False) and paper.signed_sha256 in verdict.remarks[0]
    pdf = at.site.vault.get(paper.signed_sha256 or "")
    assert judged(bare, pdf=pdf).stands(strict=False)
    assert not any("không kèm bản PDF" in words for words in judged(bare, pdf=pdf).remarks)
    assert not judged(bare, pdf=pdf + b"\n").consistent
    assert not judged(bare, pdf=at.site.vault.get(paper.copy_sha256)).consistent, "the unsigned copy is not it"


def _raw(facts: Parts) -> None:
    facts["pages"][0]["sha256"] = "0" * 64


def _both(facts: Parts) -> None:
    facts["pages"][0]["sha256"] = facts["copy"]["evidence"]["pages"][0]["sha256"] = "0" * 64


def _page_more(facts: Parts) -> None:
    facts["pages"].append({**facts["pages"][0], "position": 2})


def _copy(facts: Parts) -> None:
    facts["copy"]["sha256"] = facts["copy"]["evidence"]["sha256"] = "0" * 64


def _who(facts: Parts) -> None:
    facts["digitised"]["by"] = "user:khac"


def _entry(facts: Parts) -> None:
    facts["journal"][-1]["actor"] = "user:khac"


def _no_entry(facts: Parts) -> None:
    facts["journal"] = [one for one in facts["journal"] if one["kind"] != "sign"]


def _accepted(facts: Parts) -> None:
    facts["pages"][0]["accepted"] = {"by": "khac", "reason": "mờ"}


def _chain(facts: Parts) -> None:
    facts["signed"]["signature"]["chain"] = facts["signed"]["signature"]["chain"][:-1]


def _stamped(facts: Parts) -> None:
    facts["signed"]["signature"]["stamped_at"] = "2026-11-01T00:00:00+00:00"


def _code(facts: Parts) -> None:
    facts["code"] = "KHAC.0000000"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_raw, "không phải các trang đã lập"),
        (_both, "không ghi việc nộp một trang gốc"),
        (_page_more, "không phải các trang đã lập"),
        (_copy, "không bắt đầu bằng bản sao"),
        (_who, "bởi người được nêu"),
        (_entry, "đã bị sửa"),
        (_no_entry, "không ghi việc ký"),
        (_accepted, "không ghi việc nhận trang 1"),
        (_chain, "phần lạ"),
        (_stamped, "Dấu thời gian"),
        (_code, "hai giấy tờ khác nhau"),
    ],
)
def test_a_fact_that_does_not_fit_is_refused_even_under_a_correct_seal(
    at: Station, bundle: bytes, change: Callable[[Parts], None], words: str
) -> None:
    verdict = changed(bundle, at.site, change)
    assert not verdict.consistent and any(words in problem for problem in verdict.problems), verdict.problems


def test_the_evidence_of_a_stranger_s_seal_is_not_accepted(bundle: bytes, tmp_path: Path) -> None:
    from agent.documents.signing import DemoSigners

    stranger = DemoSigners(DemoAuthority.open(tmp_path, at=datetime.now(UTC)), SystemClock())
    members = unpack(bundle)
    seal = stranger.office("Bưu cục").sign_bytes(members["manifest.json"])
    assert not judged(pack({**members, "manifest.cms": seal})).stands(strict=False)


def test_a_paper_of_another_dossier_is_not_found(at: Station, dossier: Dossier) -> None:
    with pytest.raises(NotFound):
        make_paper_bundle(at.site, dossier.uid, dossier.uid)


def test_the_commands_make_and_verify_it(at: Station, dossier: Dossier, paper: Paper, tmp_path: Path) -> None:
    out, data = tmp_path / "giay.zip", ["--data", str(at.folder)]
    elsewhere = ["--data", str(tmp_path / "nowhere")]
    try:
        words = ["bundle", dossier.provisional, "--paper", paper.shown, "--out", str(out)]
        assert main([*words, *data]) == 0
        assert main(["verify", str(out), *elsewhere]) == 0
        assert main([*words, "--no-pdf", *data]) == 0
        (tmp_path / "p.pdf").write_bytes(at.site.vault.get(paper.signed_sha256 or ""))
        assert main(["verify", str(out), "--pdf", str(tmp_path / "p.pdf"), *elsewhere]) == 0
        (tmp_path / "p.pdf").write_bytes(b"%PDF-1.7 khac")
        assert main(["verify", str(out), "--pdf", str(tmp_path / "p.pdf"), *elsewhere]) == 1
        assert main(["bundle", dossier.provisional, "--paper", "KHONG", "--out", str(out), *data]) == 1
    finally:
        at.bind()


@pytest.mark.parametrize("way", ["filed", "put in the place of another"])
def test_a_page_accepted_while_it_waited_is_journalled_under_who_accepted_it(at: Station, way: str) -> None:
    dossier = received(at)
    confirm_label(at.site, dossier.uid, dossier.provisional, by=CLERK)
    for component in (one for one in components_of(dossier) if wants_copy(one)):
        unsized = encoded(sheet(), "JPEG", quality=80)  # says no resolution: the gate remarks on it
        (waits,) = take_in(
            at.site, [PageFile("anh.jpg", unsized, {"kind": "folder"}, at.site.ids.uid())], by=CLERK
        ).pages
        assert waits.verdict == "warn" and accept(at.site, [waits.uid], reason="bản gốc mờ", by=CLERK) == 1
        if way == "filed":
            file_pages(at.site, dossier.uid, component.uid, [waits.uid], by=COLLEAGUE)
            continue
        pages = at.site.digitiser().read_bytes("scan.jpg", scanned(dossier.provisional))
        (bad,) = add_pages(at.site, dossier.uid, component.uid, pages, by=CLERK)
        replace_by_waiting(at.site, dossier.uid, bad.uid, waits.uid, by=COLLEAGUE)
    make_copies(at.site, dossier.uid, by=CLERK)
    sign_copies(at.site, dossier.uid, by=CLERK)
    paper = signed_papers(dossier)[0]
    made = make_paper_bundle(at.site, dossier.uid, paper.uid)
    told = [one for one in json.loads(unpack(made)["paper.json"])["journal"] if one["kind"] == "page_accepted"]
    assert [one["actor"] for one in told] == ["user:lananh"]
    assert judged(made).problems == ()


# --- a real token, OCSP, CRL and time-stamp ----------------------------------------------------
@pytest.fixture
def desk(tmp_path: Path, rig: TokenRig, trust: Authority) -> Iterator[Desk]:
    rig.token().certificate(trust.der("clerk"), trust.key("clerk"))
    made = Desk(tmp_path, rig, trust, tsa=trust.tsa)
    yield made
    made.close()


def test_chain_answers_and_time_stamp_are_checked_at_the_instant_of_signing(desk: Desk, trust: Authority) -> None:
    dossier = desk.digitised()
    sign_copies(desk.site, dossier.uid, by=CLERK, pin=PIN)
    paper = signed_papers(dossier)[0]
    bundle = make_paper_bundle(desk.site, dossier.uid, paper.uid)
    roots = [trust.pem("root"), *desk.site.signers().roots()]
    good = judged(bundle, *roots)
    assert (good.consistent, good.problems, good.remarks) == (True, (), ())
    members = unpack(bundle)
    assert {name for name in members if name.startswith("evidence/")} == {
        "evidence/chain-00.der", "evidence/chain-01.der", "evidence/chain-02.der",
        "evidence/ocsp-00.der", "evidence/crls-00.der",
    }  # fmt: skip

    def with_other(name: str, der: bytes) -> Verdict:
        facts = json.loads(members["paper.json"])
        kind, number = name.removeprefix("evidence/").removesuffix(".der").split("-")
        facts["signed"]["signature"][kind][int(number)] = hashlib.sha256(der).hexdigest()
        forged = {**members, name: der, "paper.json": canonical_json(facts)}
        return judged(sealed(forged, desk.site), *roots)

    ocsp, crl = members["evidence/ocsp-00.der"], members["evidence/crls-00.der"]
    broken = bytes([*ocsp[:-5], ocsp[-5] ^ 1, *ocsp[-4:]])
    cases = {
        "the chain of somebody else": ("evidence/chain-00.der", trust.der("other"), "không phải chủ của chuỗi"),
        "a chain that does not link": ("evidence/chain-01.der", trust.der("clerk"), "không nối với nhau"),
        "an answer that was touched": ("evidence/ocsp-00.der", broken, "không"),
        "no answer at all": ("evidence/ocsp-00.der", crl, "không đọc được"),
        "a list of another authority": ("evidence/crls-00.der", crl[:-1] + bytes([crl[-1] ^ 1]), "không"),
    }
    for what, (name, der, words) in cases.items():
        verdict = with_other(name, der)
        assert not verdict.consistent and words in " ".join(verdict.problems), (what, verdict.problems)

    def later(facts: Parts) -> None:
        facts["signed"]["signature"]["stamped_at"] = "2031-01-01T00:00:00+00:00"

    forged = json.loads(members["paper.json"])
    later(forged)
    bare = {name: data for name, data in members.items() if name != "paper.pdf"} | {
        "paper.json": canonical_json(forged)
    }
    stale = judged(sealed(bare, desk.site), *roots)
    assert not stale.consistent and "không có hiệu lực vào lúc ký" in " ".join(stale.problems)
