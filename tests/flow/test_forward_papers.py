"""Papers of the forward leg: supplements in envelopes of their own, the control slip, labels that are read back."""

from __future__ import annotations

import io

import pypdfium2 as pdfium
import pytest
import zxingcpp
from PIL import Image

from agent.errors import RuleViolation
from agent.store.dossiers import Component
from agent.store.lookup import components_of
from agent.tracking.forward.control_slip import control_pdf, hops_of
from agent.tracking.forward.envelopes import papers_to_carry, seal_envelope
from agent.tracking.forward.handover import scan_handover, start_handover
from agent.tracking.forward.manifests import announce
from agent.tracking.forward.papers import bag_label, manifest_label, manifest_pdf
from labels.produce import produce
from tests.builders import CLERK, OFFICE
from tests.flow.counter import Counter
from tests.flow.test_forward import AGENCY, bagged, hand_over_all, sealed


def test_papers_of_a_supplement_go_in_an_envelope_of_their_own(either: Counter) -> None:
    site = either.site
    dossier = either.receive()
    hand_over_all(either, [seal_envelope(site, dossier.uid, "BS000001", by=CLERK)])
    assert papers_to_carry(site, OFFICE) == []
    with pytest.raises(RuleViolation, match="không còn giấy tờ"):
        seal_envelope(site, dossier.uid, "BS000002", by=CLERK)
    with site.store.reading():
        first = components_of(dossier)[0]
    with site.store.writing():
        Component.create(
            uid=site.ids.uid(), dossier=dossier, round=1, position=1, code=first.code, name=first.name,
            form=first.form, quantity=2, handling="keep_forward", required=False,
        )  # fmt: skip
    (waiting,) = papers_to_carry(site, OFFICE)
    assert (waiting.papers, waiting.envelope, waiting.late) == (2, None, False)
    second = seal_envelope(site, dossier.uid, "BS000002", by=CLERK)
    assert (second.number, second.papers) == (f"{dossier.provisional}/E2", 2)
    hand_over_all(either, [second])
    assert papers_to_carry(site, OFFICE) == []


def test_the_control_slip_is_filled_from_custody_and_says_what_was_late(desk: Counter) -> None:
    on_time, late = desk.receive(), desk.receive()
    hand_over_all(desk, [seal_envelope(desk.site, on_time.uid, "KS000001", by=CLERK)])
    envelope = seal_envelope(desk.site, late.uid, "KS000002", by=CLERK)
    desk.later(days=6)
    hand_over_all(desk, [envelope])
    with desk.site.store.reading():
        rows = [[(hop.giver, hop.taker, hop.result, hop.remark) for hop in hops_of(desk.site, desk.now(one))]
                for one in (on_time, late)]  # fmt: skip
    office, there = desk.site.settings.office.name, desk.site.settings.office.authority_name
    for row, result, seal in zip(rows, ("early", "late"), ("KS000001", "KS000002"), strict=True):
        assert row == [
            ("Nguyễn Thị Hường", office, "", ""),
            (office, there, result, f"hồ sơ giấy, niêm phong {seal} còn nguyên"),
        ]
    assert control_pdf(desk.site, late.uid).startswith(b"%PDF")


def test_labels_of_bag_and_manifest_and_the_manifests_paper_are_read_back(desk: Counter) -> None:
    envelopes = sealed(desk, 3)
    bag = bagged(desk, envelopes)
    manifest = announce(desk.site, "forward", AGENCY, [bag.number], by=CLERK)
    spec = bag_label(desk.site, bag.number)
    assert (spec.items, spec.seal) == (3, "TUI0001")
    for label_of, text in (
        (spec, f"PA1T|{bag.number}"),
        (manifest_label(desk.site, manifest.number), f"PA1M|{manifest.number}"),
    ):
        picture = Image.open(io.BytesIO(produce(label_of, "png")))
        assert {one.text for one in zxingcpp.read_barcodes(picture)} == {text}
    page = pdfium.PdfDocument(io.BytesIO(manifest_pdf(desk.site, manifest.number)))[0]
    read = {one.text for one in zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil())}
    assert read == {manifest.number, f"PA1M|{manifest.number}"}
    minutes = start_handover(desk.site, manifest.number, by=CLERK)
    scan_handover(desk.site, minutes.number, bag.number, by=CLERK)
    scan_handover(desk.site, minutes.number, "TUI0001", by=CLERK)
    assert bag_label(desk.site, bag.number).items == 3, "what lay in it when it was closed"
