"""A dossier signed by a token: what is kept when token or signing process go in the middle; where the PIN is not."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.domain.dossier import State
from agent.errors import SigningError
from agent.intake.digitise import make_copies
from agent.intake.filing import add_pages, wants_copy
from agent.intake.label import confirm_label
from agent.intake.sign import sign_copies, signed_papers, signing_outlook, unsigned
from agent.processes import Program
from agent.settings import Settings, Signing
from agent.store.dossiers import Dossier
from agent.store.lookup import components_of, dossier_by_uid
from agent.wiring import build_site
from tests.builders import CLERK, Station, received, scanned
from tests.contract.test_tokens import broken_rules, module, rig, trust, until
from tests.contract.token_rig import PIN, Authority, TokenRig

__all__ = ["module", "rig", "trust"]  # fixtures


class Desk:
    """A counter whose clerk signs by token."""

    def __init__(self, folder: Path, rig: TokenRig, trust: Authority, **signing: Any) -> None:
        for name, names in (("roots", ("root",)), ("chain", ("sub",))):
            (folder / f"{name}.pem").write_bytes(trust.pem(*names))
        asked = Signing(
            kind="pkcs11",
            module=str(rig.module),
            trust=str(folder / "roots.pem"),
            chain=str(folder / "chain.pem"),
            **{"patience": 30.0, **signing},  # the authorities share two busy cores with the rest of the suite
        )
        settings = Settings(data=folder / "data", signing=asked)
        self.site = build_site(settings, helpers=True)
        self.station = Station(self.site, Program(settings))

    def digitised(self) -> Dossier:
        """A dossier whose copies wait for the signature; more than two."""
        dossier = received(self.station, procedure="1.013833")
        confirm_label(self.site, dossier.uid, dossier.provisional, by=CLERK)
        for component in (one for one in components_of(dossier) if wants_copy(one)):
            pages = self.site.digitiser().read_bytes("scan.jpg", scanned(dossier.provisional))
            add_pages(self.site, dossier.uid, component.uid, pages, by=CLERK)
        make_copies(self.site, dossier.uid, by=CLERK)
        assert len(unsigned(dossier)) > 2
        return dossier_by_uid(dossier.uid)

    def count(self, dossier: Dossier) -> tuple[int, int]:
        """Signed papers and those that wait."""
        return len(signed_papers(dossier)), len(unsigned(dossier))

    def close(self) -> None:
        self.site.signers().close()  # type: ignore[attr-defined]
        self.site.digitiser().close()  # type: ignore[attr-defined]
        self.site.store.close()


@pytest.fixture
def clerks(rig: TokenRig, trust: Authority) -> TokenRig:
    return rig.token().certificate(trust.der("clerk"), trust.key("clerk"))


@pytest.fixture
def desk(tmp_path: Path, clerks: TokenRig, trust: Authority) -> Iterator[Desk]:
    made = Desk(tmp_path, clerks, trust, tsa=trust.tsa)
    yield made
    made.close()


def whole(desk: Desk, dossier: Dossier) -> None:
    """Every signed paper of the dossier is valid, and says what its signature rests on."""
    for paper in signed_papers(dossier):
        pdf = desk.site.vault.get(paper.signed_sha256)
        report = desk.site.signers().check_pdf(pdf)
        assert (report.valid, report.trusted) == (True, True), report.problems
        said = paper.evidence["signature"]
        assert (said["subject"], said["level"], said["doubts"]) == ("Trần Lan Anh", "B-T", [])
        assert [len(said[kind]) for kind in ("chain", "ocsp", "crls")] == [3, 1, 1]
        assert all(desk.site.vault.has(sha256) for kind in ("chain", "ocsp", "crls") for sha256 in said[kind])
        assert broken_rules(pdf) == []


def test_one_pin_signs_dossier_after_dossier_and_keeps_the_evidence(desk: Desk, clerks: TokenRig) -> None:
    one, two = desk.digitised(), desk.digitised()
    assert signing_outlook(desk.site, CLERK).needs_pin
    count = len(sign_copies(desk.site, one.uid, by=CLERK, pin=PIN))
    assert not signing_outlook(desk.site, CLERK).needs_pin
    assert len(sign_copies(desk.site, two.uid, by=CLERK)) == count
    assert dossier_by_uid(two.uid).state is State.SIGNED
    whole(desk, one)
    assert clerks.made == 2 * count


@pytest.mark.parametrize("mishap", ["pulled out", "signing process killed", "library crashes"])
def test_in_the_middle_of_a_batch_what_was_signed_is_kept_and_the_rest_goes_on(
    mishap: str, desk: Desk, clerks: TokenRig
) -> None:
    dossier = desk.digitised()
    count = len(unsigned(dossier))
    caught: list[SigningError] = []

    def act() -> None:
        with pytest.raises(SigningError) as error:
            sign_copies(desk.site, dossier.uid, by=CLERK, pin=PIN)
        caught.append(error.value)

    if mishap == "signing process killed":
        os.mkfifo(clerks.gate)
        clerks.says("stall", "2")
        thread = threading.Thread(target=act)
        thread.start()
        until(lambda: waits(clerks.gate), "the third signature is being made")
        os.kill(desk.site.signers().pids()[0], signal.SIGKILL)  # type: ignore[attr-defined]
        thread.join(30)
        clerks.no_more("stall")
    else:
        clerks.says("unplug" if mishap == "pulled out" else "crash", "2")
        act()
        for name in ("unplug", "out", "crash"):
            clerks.no_more(name)
    assert f"Đã ký 2 trong {count} bản" in caught[0].message
    assert desk.count(dossier) == (2, count - 2)
    assert dossier_by_uid(dossier.uid).state is State.DIGITISED
    assert desk.site.vault.check() == []
    whole(desk, dossier)
    kept = {paper.id: paper.signed_sha256 for paper in signed_papers(dossier)}
    with pytest.raises(SigningError) as needed:
        sign_copies(desk.site, dossier.uid, by=CLERK)
    assert needed.value.code == "signing-pin-needed"
    sign_copies(desk.site, dossier.uid, by=CLERK, pin=PIN)
    assert desk.count(dossier) == (count, 0)
    assert dossier_by_uid(dossier.uid).state is State.SIGNED
    assert kept.items() <= {paper.id: paper.signed_sha256 for paper in signed_papers(dossier)}.items()  # none twice
    whole(desk, dossier)


def test_the_office_seals_after_the_clerk_where_its_rule_says_so(
    tmp_path: Path, clerks: TokenRig, trust: Authority
) -> None:
    desk = Desk(tmp_path, clerks, trust, seal=True)
    try:
        dossier = desk.digitised()
        sign_copies(desk.site, dossier.uid, by=CLERK, pin=PIN)
        for paper in signed_papers(dossier):
            report = desk.site.signers().check_pdf(desk.site.vault.get(paper.signed_sha256))
            assert (report.valid, report.signer) == (True, f"Trần Lan Anh; {desk.site.settings.office.name}")
            assert paper.evidence["signature"]["seal"]["subject"] == desk.site.settings.office.name
    finally:
        desk.close()


def test_the_pin_is_nowhere_but_in_the_signing_process(
    desk: Desk, clerks: TokenRig, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    dossier = desk.digitised()
    for wrong in ("999000111", PIN):
        try:
            sign_copies(desk.site, dossier.uid, by=CLERK, pin=wrong)
        except SigningError as error:
            assert wrong not in repr(error) + error.message
    (pid,) = desk.site.signers().pids()  # type: ignore[attr-defined]
    clerks.says("crash", "0")
    with pytest.raises(SigningError):
        desk.site.signers().of(CLERK.username, CLERK.full_name).sign_bytes(b"x")  # its crash output is looked at too
    clerks.no_more("crash")
    signer = desk.site.signers().of(CLERK.username, CLERK.full_name, pin=PIN)
    (pid,) = desk.site.signers().pids()  # type: ignore[attr-defined]
    seen = {
        name: Path(f"/proc/{each}/{name}").read_bytes()
        for each in (pid, os.getpid())
        for name in ("cmdline", "environ")
    }
    out, err = capfd.readouterr()
    seen |= {"stdout": out.encode(), "stderr": err.encode(), "log": caplog.text.encode()}
    with desk.site.store.reading():
        tables = desk.site.store.database.get_tables()
        rows = {table: desk.site.store.database.execute_sql(f'SELECT * FROM "{table}"').fetchall() for table in tables}
    seen |= {f"table {table}": repr(held).encode() for table, held in rows.items()}
    seen |= {str(path): path.read_bytes() for path in desk.site.settings.data.rglob("*") if path.is_file()}
    assert len(seen) > 20 and "helper did not finish" in caplog.text
    for secret in (PIN.encode(), b"999000111"):
        assert [where for where, content in seen.items() if secret in content] == []
    assert PIN not in repr(vars(signer))  # nor does the handle of the opened key


def waits(gate: Path) -> bool:
    """Whether somebody reads the named pipe; he is left waiting."""
    try:
        os.close(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True
