"""The evidence bundle (gói chứng cứ) of one digitised paper: how it was made and signed, checkable without us.

Members: `manifest.json` with the office's seal `manifest.cms`; `paper.json` (agent.reconcile.paper_evidence);
`evidence/chain-NN.der`, `ocsp-NN.der`, `crls-NN.der`, leaf first; `chain.pem` (roots in use); and, unless it is left
out, `paper.pdf` as it was signed and `text.json`, the unsigned text file beside it.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from agent.domain.canonical import canonical_json
from agent.errors import DocumentError
from agent.reconcile.bundle import CHAIN, FORMAT, chain_pem, sealed
from agent.reconcile.paper_evidence import evidence_objects, gather, paper_of
from agent.site import Site
from agent.store.lookup import dossier_by_uid

KIND: Final = "paper"
FACTS, PDF, TEXT = "paper.json", "paper.pdf", "text.json"


def make_paper_bundle(site: Site, dossier_uid: UUID, paper_uid: UUID, *, with_pdf: bool = True) -> bytes:
    """The bundle's bytes; all but the seal depend on the facts alone.

    `with_pdf` false, or a copy whose time of keeping is over, leaves the signed PDF and the text out: the bundle still
    proves what it says by hashes. NotFound, DocumentError for evidence that this terminal does not hold, SigningError.
    """
    with site.store.reading():
        dossier = dossier_by_uid(dossier_uid)
        paper = paper_of(dossier, paper_uid)
        facts, objects = gather(dossier, paper), evidence_objects(paper)
        who = {"uid": str(dossier.uid), "provisional": dossier.provisional, "official": dossier.official or ""}
    facts["archive"] = _archive(site, facts)
    members: dict[str, bytes] = {FACTS: canonical_json(facts), CHAIN: chain_pem(site, [])}
    for kind, hashes in objects.items():
        for number, sha256 in enumerate(hashes):
            members[member(kind, number)] = _held(site, sha256)
    if with_pdf:
        members |= _papers(site, facts)
    newest = max([entry["at"] for entry in facts["journal"]], default=facts["digitised"]["at"])
    head = {
        "format": FORMAT, "kind": KIND, "product": "postal-agent", "office": dossier.office_id, "dossier": who,
        "paper": {"uid": facts["uid"], "code": facts["code"]}, "created_at": newest,
    }  # fmt: skip
    return sealed(site, members, head)


def member(kind: str, number: int) -> str:
    """The name of a piece of the signature's evidence."""
    return f"evidence/{kind}-{number:02d}.der"


def _archive(site: Site, facts: dict[str, Any]) -> dict[str, list[dict[str, str]]]:
    """What the validators of PDF/A say of the copy and of the signed file, as far as they are still kept here."""
    files = {"copy": facts["copy"], "signed": facts["signed"]}
    if facts["signed"] and facts["signed"]["sha256"] == facts["copy"]["sha256"]:
        return {}  # an electronic original is what it is
    held = {name: one["sha256"] for name, one in files.items() if one and site.vault.has(one["sha256"])}
    return {name: site.digitiser().archive_verdicts(site.vault.get(sha256)) for name, sha256 in held.items()}


def _papers(site: Site, facts: dict[str, Any]) -> dict[str, bytes]:
    """The signed PDF and the text file, as far as they are still kept here."""
    wanted = {PDF: facts["signed"] or facts["copy"], TEXT: facts["text"]}
    named = {name: one["sha256"] for name, one in wanted.items() if one}
    return {name: site.vault.get(sha256) for name, sha256 in named.items() if site.vault.has(sha256)}


def _held(site: Site, sha256: str) -> bytes:
    if not site.vault.has(sha256):
        raise DocumentError("Chứng cứ của chữ ký nằm ở quầy đã ký. Lập gói tại quầy đó.")
    return site.vault.get(sha256)
