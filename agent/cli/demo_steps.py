"""The stations of the demo, one method each, by the same use cases that the screens call."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli import progress
from agent.cli.peers import folder_of
from agent.domain.actor import Actor
from agent.domain.custody_steps import CustodyStep
from agent.domain.roles import Role
from agent.errors import DeviceUnavailable, DocumentError, HandoffUnavailable
from agent.ports import PageImage, Verdict
from agent.site import Site
from agent.store.dossiers import Dossier
from agent.store.lookup import components_of, dossier_by_uid

if TYPE_CHECKING:
    from agent.cli.demo_story import Story
    from agent.cli.program import Program

CARD = "001188012345||Nguyễn Thị Hường|14031988|Nữ|12 Lạc Long Quân, Tây Hồ, Hà Nội|05062021"
PROCEDURES = {1: "2.000635", 2: "1.001193"}
SIGNATURE = b"demonstration signature strokes"


@dataclass
class Stations:
    """One dossier's way through the stations."""

    program: Program
    site: Site
    story: Story
    out: Path

    def walk(self, pages: Path | None) -> None:
        """All stations in order; every refusal names what is wrong and what to do."""
        body = self.story.body
        self.out.mkdir(parents=True, exist_ok=True)
        self.clerk, self.courier = self._people()
        images = self._pages(pages)
        dossier = self._receive(images)
        self._label(dossier)
        self._digitise(dossier, images)
        self._sign(dossier)
        self._hand_off(dossier)
        self._export(dossier)
        item = self._bring_back(dossier)
        self._reconcile(dossier)
        dossier = self._now(dossier)
        body["dossier"] = {
            "number": dossier.official or dossier.provisional,
            "provisional": dossier.provisional,
            "official": dossier.official,
            "state": dossier.state.value,
        }
        body["return"] = {"item": item, "state": self._item_state(item)}
        self._bundle(dossier)

    def _people(self) -> tuple[Actor, Actor]:
        """A clerk and a courier with passwords made now; they are said once, on stderr."""
        from agent.accounts.add_user import add_user

        office, terminal = self.site.settings.office.id, self.site.settings.terminal.id
        made = []
        for username, full_name, role in (
            ("lan.anh", "Trần Lan Anh", Role.CLERK),
            ("minh", "Phạm Quang Minh", Role.COURIER),
        ):
            password = secrets.token_urlsafe(9)
            add_user(
                self.site, username, role=role, office_id=office, password=password, full_name=full_name, replace=True
            )
            progress(f"  người dùng {username} ({role.value}), mật khẩu {password}")
            made.append(Actor(username, full_name, role, office, terminal))
        return made[0], made[1]

    def _pages(self, folder: Path | None) -> list[PageImage]:
        if folder is None:
            from agent.cli.sample_pages import make_pages

            data = self.site.settings.data
            folder = make_pages(data.with_name(f"{data.name}-pages"))
        images = self.site.digitiser().read_folder(folder)
        self.story.body["pages"] = [
            {"file": image.name, "verdict": image.verdict.value, "reason": image.reason} for image in images
        ]
        if not [image for image in images if image.verdict in (Verdict.OK, Verdict.WARN)]:
            reasons = "; ".join(f"{image.name}: {image.reason}" for image in images)
            raise DocumentError(f"Thư mục {folder} không có trang nào dùng được. {reasons}")
        return images

    def _receive(self, images: list[PageImage]) -> Dossier:
        from agent.intake.guide import catalogue, today
        from agent.intake.receive import receive
        from agent.intake.request import ComponentInput, Intake, PartyInput
        from agent.tracking.items import allot_range

        usable = sum(image.verdict in (Verdict.OK, Verdict.WARN) for image in images)
        code = PROCEDURES[min(usable, max(PROCEDURES))]
        with self.story.timed("receive", f"Nhận hồ sơ thủ tục {code} bằng thẻ căn cước"):
            case = catalogue(self.site).current(code, today(self.site)).case()
            intake = Intake(
                procedure=code,
                owner=PartyInput(chip_card=CARD, phone="0912 345 678"),
                components=tuple(ComponentInput(needed.code) for needed in case.mandatory),
                return_way="courier",
            )
            dossier = receive(self.site, intake, by=self.clerk)
        start = secrets.randbelow(9_000) * 10_000
        allot_range(self.site, dossier.office_id, "RD", start, start + 999)
        progress(f"  số tạm {dossier.provisional}")
        return dossier

    def _label(self, dossier: Dossier) -> None:
        """Print, then scan back what the printer put on the label: the step completes only with that."""
        from agent.intake.label import confirm_label, find_label_job, label_spec, request_label
        from labels.produce import produce

        with self.story.timed("label", "In nhãn ra máy in giả lập và quét lại"):
            request_label(self.site, dossier.uid, by=self.clerk)
            self.program.print_once(self.site)
            job = find_label_job(self.site, dossier)
            if job.state.value != "acked":
                raise DeviceUnavailable(f"Nhãn chưa in: {job.error}")
            printed = self._printed_label()
            confirm_label(self.site, dossier.uid, read_back(printed), by=self.clerk)
        spec = label_spec(self.site, dossier, components=len(components_of(dossier)))
        self._write("label_zpl", "nhan.zpl", printed)
        self._write("label_pdf", "nhan.pdf", produce(spec, "pdf"))

    def _printed_label(self) -> bytes:
        folder = self.site.settings.data / "simulated" / "zpl"
        return max(folder.glob("label-*.zpl"), key=lambda path: path.name).read_bytes()

    def _digitise(self, dossier: Dossier, images: list[PageImage]) -> None:
        from agent.intake.digitise import make_copies, spread
        from agent.intake.filing import accept_page, add_pages

        with self.story.timed("digitise", f"Số hóa {len(images)} trang thành PDF/A-2b"):
            dealt = spread(images, components_of(dossier))
            for component, pages in dealt.items():
                filed = add_pages(self.site, dossier.uid, component, pages, by=self.clerk, origin={"kind": "folder"})
                for page in (page for page in filed if "blank" in page.findings and page.verdict == Verdict.WARN):
                    accept_page(self.site, dossier.uid, page.uid, by=self.clerk, reason="trình diễn: trang để trắng")
            make_copies(self.site, dossier.uid, by=self.clerk)

    def _sign(self, dossier: Dossier) -> None:
        from agent.intake.sign import sign_copies

        with self.story.timed("sign", "Ký số từng bản (PAdES B-B, khóa tập huấn)"):
            papers = sign_copies(self.site, dossier.uid, by=self.clerk)
        signed = [
            self._write(
                "", f"{number:02d}-{paper.code.rpartition('.')[2]}.pdf", self.site.vault.get(paper.signed_sha256)
            )
            for number, paper in enumerate(papers, start=1)
            if paper.signed_sha256
        ]
        self.story.body["artefacts"]["signed_pdfs"] = signed

    def _hand_off(self, dossier: Dossier) -> None:
        from agent.intake.submit import submit
        from agent.store import outbox

        with self.story.timed("handoff", "Gửi tỉnh qua SOAP: xin số, tệp, hồ sơ"):
            job = submit(self.site, dossier.uid, by=self.clerk)
            while self.program.send_once(self.site):
                pass
            with self.site.store.reading():
                job = outbox.show(job.key)
            if job.state.value != "acked":
                raise HandoffUnavailable(f"Tỉnh chưa nhận: {job.error or job.state.value}")
        result: dict[str, Any] = job.result or {}
        self.story.body["handoff"] = {"key": job.key, "state": job.state.value, "receipt": result.get("receipt", "")}
        progress(f"  tỉnh cấp số {result.get('number')}")

    def _export(self, dossier: Dossier) -> None:
        from agent.intake.forms import handed_in_pdf, receipt_pdf

        self._write("receipt_pdf", "giay-tiep-nhan.pdf", receipt_pdf(self.site, dossier.uid))
        self._write("handed_in_pdf", "ban-ke-da-nop.pdf", handed_in_pdf(self.site, dossier.uid))

    def _bring_back(self, dossier: Dossier) -> str:
        """Result ready, to a courier by two-party hand-over, one failed attempt, then delivered with its proof."""
        from agent.tracking.custody import accept, courier_holder, hand_over, move
        from agent.tracking.deliver import ProofInput, deliver, fail_attempt
        from agent.tracking.items import collect_from_authority, register_item

        with self.story.timed("return", "Tỉnh trả kết quả; bưu tá phát lần một không gặp, lần hai giao được"):
            for action in ("take-up", "finish", "result-ready"):
                self.program.act(folder_of(self.program), dossier.provisional, action, {})
            self.program.follow_once(self.site)
            item = register_item(self.site, dossier.uid, by=self.clerk)
            number = item.number
            collect_from_authority(self.site, number, by=self.clerk)
            holder = courier_holder(self.courier.username)
            hand_over(self.site, [number], to=holder, by=self.clerk)
            accept(self.site, [number], holder=holder, by=self.courier)
            move(self.site, number, CustodyStep.OUT_FOR_DELIVERY, by=self.courier)
            fail_attempt(
                self.site, number, reason="absent", action="redeliver", evidence=("position", "invitation"),
                by=self.courier, note="đã dán giấy mời",
            )  # fmt: skip
            move(self.site, number, CustodyStep.OUT_FOR_DELIVERY, by=self.courier)
            proof = ProofInput(
                receiver="Nguyễn Thị Hường", relation="chủ hồ sơ", identity_type="CCCD", identity_last4="2345",
                identity_matched=True, signature=SIGNATURE, position={"lat": 21.07, "lon": 105.82, "accuracy_m": 12},
            )  # fmt: skip
            deliver(self.site, number, proof, by=self.courier)
            while self.program.send_once(self.site):
                pass
            self.program.follow_once(self.site)
        return str(number)

    def _reconcile(self, dossier: Dossier) -> None:
        """Books that agree; then one difference planted on purpose must be found, named, and be gone when mended."""
        from agent.reconcile.compare import compare

        office = dossier.office_id
        with self.story.timed("reconcile", "Đối soát với tỉnh; cài thử một khác biệt"):
            clean = compare(self.site, office=office)
            kind = {"kind": "fee"}
            self.program.act(folder_of(self.program), dossier.provisional, "plant", kind)
            planted = compare(self.site, office=office)
            found = [one.kind for one in planted.differences if one.key == dossier.provisional]
            self.program.act(folder_of(self.program), dossier.provisional, "unplant", kind)
            mended = compare(self.site, office=office)
        differences = len(clean.differences) + len(mended.differences)
        self.story.body["reconciliation"] = {"compared": clean.compared, "differences": differences}
        self.story.body["planted"] = {"kind": "fee", "found": found == ["fee"]}

    def _bundle(self, dossier: Dossier) -> None:
        from agent.reconcile.bundle import make_bundle

        self._write("proof_bundle", "chung-cu.zip", make_bundle(self.site, dossier.uid))

    def _now(self, dossier: Dossier) -> Dossier:
        with self.site.store.reading():
            return dossier_by_uid(dossier.uid)

    def _item_state(self, number: str) -> str:
        from agent.store.lookup import item_by_number

        with self.site.store.reading():
            return str(item_by_number(number).state)

    def _write(self, name: str, file: str, data: bytes) -> str:
        path = (self.out / file).resolve()
        path.write_bytes(data)
        if name:
            self.story.body["artefacts"][name] = str(path)
        return str(path)


def read_back(zpl: bytes) -> str:
    """What a reader would send from the printed label: the QR's data, out of the bytes that the printer received."""
    import re

    found = re.search(rb"\^BQ[^\^]*\^FH\^FDMA,([^\^]+)\^FS", zpl)
    if found is None:
        raise DeviceUnavailable("Nhãn in ra không có mã QR. Kiểm tra máy in giả lập.")
    plain = re.sub(rb"_([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match.group(1).decode()), found.group(1))
    return plain.decode()
