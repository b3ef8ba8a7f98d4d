"""The proof bundle (gói chứng cứ) of one dossier: all that shows what happened to it, checkable without us.

Members: `manifest.json` (hash and size of every other member) with the office's detached signature `manifest.cms`;
`dossier.json` (the frozen payloads); `receipts/` as the province signed them (our own record, without `.cms`, where it
does not sign); `papers/` (signed PDFs, named by their
SHA-256); `journal.json`; `custody.json`; `proofs.json` (digests only); `chain.pem`; once heads were exchanged,
`exchanges/` as the province signed them and `anchors.json`, the path from each entry to a root in them.

What the journal proves offline: each entry's hash is recomputed from its content and the previous entry's hash, so
no entry of this dossier can be changed without changing its hash; where two entries stand next to each other in
a chain, the later one names the earlier one's hash. Entries of other dossiers in between are not disclosed: an entry's
path shows that it stood in the journal when the province signed its root, so that nobody rewrote it since; that the
whole chain is unbroken is what `doctor` shows at the office.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from agent.domain.canonical import canonical_json
from agent.domain.canonical_zip import pack
from agent.domain.jobs import JobState
from agent.errors import NotFound
from agent.reconcile.anchors import gather
from agent.reconcile.refold import plain_event
from agent.site import Site
from agent.store.dossiers import Dossier
from agent.store.fields import utc_text
from agent.store.handoffs import ProvinceReceipt
from agent.store.items import CustodyEvent, Item, Proof, Result
from agent.store.journal import JournalEntry, hashed_fields
from agent.store.lookup import dossier_by_uid
from agent.store.outbox import Job
from agent.store.papers import Paper

FORMAT: Final = 1
MANIFEST, SEAL, CHAIN = "manifest.json", "manifest.cms", "chain.pem"
PAYLOADS: Final = ("submit", "supplement", "delivery", "withdrawal")


@dataclass(frozen=True)
class _Facts:
    """What the store says of a dossier, in plain JSON, and the hashes of the papers that belong to it."""

    head: dict[str, Any]
    dossier: dict[str, Any]
    receipts: list[tuple[str, bytes, bytes]]
    papers: list[str]
    journal: list[dict[str, Any]]
    custody: list[dict[str, Any]]
    proofs: list[dict[str, Any]]
    anchors: dict[str, bytes]
    newest: str


def make_bundle(site: Site, dossier_uid: UUID, target: Path | None = None) -> bytes:
    """The bundle's bytes, written to `target` too when it is given.

    All members but the signature depend on the facts alone: the same facts give the same bytes. Papers whose bytes were
    erased, or whose time of keeping is over as the journal says, are left out. NotFound, DocumentError for a paper
    that the vault cannot give, SigningError.
    """
    with site.store.reading():
        facts = _facts(dossier_by_uid(dossier_uid), site.settings.terminal.id)
    named = _named_files(facts.dossier)
    members: dict[str, bytes] = {
        "dossier.json": canonical_json(facts.dossier),
        "journal.json": canonical_json(facts.journal),
        "custody.json": canonical_json(facts.custody),
        "proofs.json": canonical_json(facts.proofs),
        **facts.anchors,
    }
    exchanged = [data for name, data in facts.anchors.items() if name.endswith(".cms")]
    members[CHAIN] = chain_pem(site, [cms for _, _, cms in facts.receipts if cms] + exchanged)
    for name, document, signature in facts.receipts:
        members |= {f"receipts/{name}.json": document} | ({f"receipts/{name}.cms": signature} if signature else {})
    over = retired_in(facts.journal)
    for sha256 in sorted({*facts.papers, *named}):
        if (sha256 in named and sha256 not in over) or site.vault.has(sha256):
            members[f"papers/{sha256}.pdf"] = site.vault.get(sha256)
    bundle = sealed(site, members, {**facts.head, "created_at": facts.newest})
    if target is not None:
        target.write_bytes(bundle)
    return bundle


def sealed(site: Site, members: dict[str, bytes], head: dict[str, Any]) -> bytes:
    """The canonical ZIP of the members, with their list and the office's seal on it."""
    manifest = canonical_json({**head, "members": _listing(members)})
    seal = site.signers().office(site.settings.office.name).sign_bytes(manifest)
    return pack({**members, MANIFEST: manifest, SEAL: seal})


def _listing(members: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    return {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in sorted(members.items())
    }


def _facts(dossier: Dossier, terminal: str) -> _Facts:
    mine = JournalEntry.select().where(JournalEntry.dossier_id == dossier.id).order_by(JournalEntry.id)
    journal = [plain_entry(entry) for entry in mine]
    told = (ProvinceReceipt.dossier == dossier) & ProvinceReceipt.kind.in_(PAYLOADS)
    receipts = list(ProvinceReceipt.select().where(told).order_by(ProvinceReceipt.id))
    signed = Paper.select().where((Paper.dossier == dossier) & Paper.signed_sha256.is_null(False)).order_by(Paper.id)
    who = {"uid": str(dossier.uid), "provisional": dossier.provisional, "official": dossier.official or ""}
    return _Facts(
        head={"format": FORMAT, "product": "postal-agent", "office": dossier.office_id, "dossier": who},
        dossier={
            **who,
            "office": dossier.office_id,
            "procedure": dossier.procedure_code,
            "state": dossier.state.value,
            "received_at": utc_text(dossier.received_at),
            "payloads": _payloads(dossier),
        },
        receipts=[(f"{n:02d}-{one.kind}", one.document, one.signature) for n, one in enumerate(receipts, start=1)],
        papers=[paper.signed_sha256 for paper in signed if paper.signed_sha256],
        journal=journal,
        custody=[_item(item) for item in Item.select().where(Item.dossier == dossier).order_by(Item.id)],
        proofs=_proofs(dossier),
        anchors=gather(journal, dossier.office_id, terminal),
        newest=max([entry["at"] for entry in journal] + [utc_text(one.at) for one in receipts]),
    )


def plain_entry(entry: JournalEntry) -> dict[str, Any]:
    """A journal entry with everything that its hash is made of."""
    return {**hashed_fields(entry), "prev": entry.prev, "hash": entry.hash}


def retired_in(journal: list[dict[str, Any]]) -> set[str]:
    """The objects whose time of keeping was over, as the journal's entries name them."""
    return {sha256 for entry in journal if entry["kind"] == "retired" for sha256 in entry["body"]["objects"]}


def _payloads(dossier: Dossier) -> list[dict[str, Any]]:
    """What was frozen for the province, in order; null where it was erased."""
    frozen = (Job.dossier_id == dossier.id) & Job.kind.in_(PAYLOADS) & (Job.state != JobState.CANCELLED)
    return [
        {"key": job.key, "kind": job.kind, "digest": job.digest, "payload": _payload(job)}
        for job in Job.select().where(frozen).order_by(Job.id)
    ]


def _payload(job: Job) -> Any:
    try:
        return json.loads(job.payload)
    except NotFound:
        return None


def _named_files(dossier: dict[str, Any]) -> set[str]:
    """The files that the payloads name."""
    whole = [one["payload"] for one in dossier["payloads"] if one["payload"]]
    return {file["sha256"] for one in whole for part in one.get("components", ()) for file in part["files"]}


def _item(item: Item) -> dict[str, Any]:
    events = CustodyEvent.select().where(CustodyEvent.item == item).order_by(CustodyEvent.place, CustodyEvent.id)
    return {
        "number": item.number,
        "state": item.state,
        "holder": item.holder,
        "attempts": item.attempts,
        "events": [plain_event(event) for event in events],
    }


def _proofs(dossier: Dossier) -> list[dict[str, Any]]:
    """The digest of each proof and what it proves; the proof itself stays at the office."""
    results = Result.select(Result.id).where(Result.dossier == dossier)
    items = Item.select(Item.id).where(Item.dossier == dossier)
    mine = Proof.result.in_(results) | Proof.item.in_(items)
    return [
        {
            "item": proof.item.number if proof.item else "",
            "result": proof.result.province_id if proof.result else "",
            "attempt": proof.attempt,
            "digest": proof.digest,
        }
        for proof in Proof.select().where(mine).order_by(Proof.id)
    ]


def chain_pem(site: Site, signatures: list[bytes]) -> bytes:
    """The roots in use here and the certificates of the receipts' signers, as PEM, in a fixed order."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    held = [one for text in site.signers().roots() for one in x509.load_pem_x509_certificates(text)]
    held += [one for cms in signatures for one in pkcs7.load_der_pkcs7_certificates(cms)]
    return b"".join(sorted({one.public_bytes(Encoding.PEM) for one in held}))
