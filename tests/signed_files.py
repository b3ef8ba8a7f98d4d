"""Signed PDFs as citizens bring them, signed by the demonstration CA, and what people do to files afterwards."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image, ImageDraw
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.validation.dss import DocumentSecurityStore
from reportlab.pdfgen.canvas import Canvas

from agent.documents.demo_ca import DemoAuthority

A4 = (595, 842)
SIGNER = "Sở Tư pháp Hà Nội"


@cache
def document(sheets: int = 2) -> bytes:
    """A born-digital document with a fillable field on its first sheet."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4)
    for number in range(1, sheets + 1):
        canvas.setFont("Helvetica", 14)
        for row in range(30):
            canvas.drawString(72, 760 - 20 * row, f"Ban dien tu, to {number}, dong {row}: noi dung cua van ban.")
        if number == 1:
            canvas.acroForm.textfield(name="so", x=72, y=100, width=200, height=20)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def signer(folder: Path, at: datetime, name: str = SIGNER) -> signers.SimpleSigner:
    """A body's key of the demonstration CA in `folder`."""
    p12, password = DemoAuthority.open(folder, at=at).p12(name, "province", at=at)
    made = signers.SimpleSigner.load_pkcs12_data(p12, other_certs=[], passphrase=password.encode())
    assert made is not None
    return made


def signed(
    by: signers.SimpleSigner, data: bytes, at: datetime | None, *, field: str = "Sig1", allow: MDPPerm | None = None,
    kind: SigSeedSubFilter = SigSeedSubFilter.PADES, box: tuple[int, int, int, int] | None = (300, 60, 500, 120),
) -> bytes:  # fmt: skip
    """The document with one more signature; `allow`: a certification that says what may still be changed."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    fields.append_signature_field(writer, SigFieldSpec(field, box=box))
    told = signers.PdfSignatureMetadata(
        field_name=field, certify=allow is not None, docmdp_permissions=allow or MDPPerm.FILL_FORMS, subfilter=kind
    )
    pdf_signer = _Dated(told, signer=by)
    pdf_signer.at = at
    with ThreadPoolExecutor(1) as apart:  # a browser's test runs a loop of its own in this thread
        out = apart.submit(pdf_signer.sign_pdf, writer).result()
    assert isinstance(out, io.BytesIO)
    return out.getvalue()


class _Dated(signers.PdfSigner):
    """Dates a signature by the given instant instead of the machine's clock."""

    at: datetime | None  # None: no time is stated

    def init_signing_session(self, *positional: Any, **rest: Any) -> Any:
        session = super().init_signing_session(*positional, **rest)
        session.system_time = self.at
        return session


def filled(data: bytes, words: str = "123") -> bytes:
    """The form's field filled in afterwards, as a form's reader does."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    form = writer.root["/AcroForm"]
    field = next(one.get_object() for one in form["/Fields"] if one.get_object()["/T"] == "so")
    field["/V"] = generic.TextStringObject(words)
    writer.update_container(field)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def long_term(by: signers.SimpleSigner, data: bytes) -> bytes:
    """PAdES B-LT: what the signature rests on is put beside it in the file, as signing programs do."""
    assert by.signing_cert is not None
    out = io.BytesIO(data)
    DocumentSecurityStore.add_dss(out, sig_contents=None, certs=[by.signing_cert], ocsps=(), crls=())
    return out.getvalue()


def repainted(data: bytes) -> bytes:
    """A sum painted over on the first sheet, in an incremental update that leaves all signed bytes as they were."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data), strict=False)
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    more = writer.add_object(generic.StreamObject(stream_data=b"q 1 1 1 rg 60 700 400 80 re f Q"))
    old = page.raw_get("/Contents")
    page["/Contents"] = generic.ArrayObject([old, more])
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def flipped(data: bytes) -> bytes:
    """One byte of the signed part changed: a figure in the catalogue's version."""
    at = data.index(b"/MediaBox") + 1
    return data[:at] + b"m" + data[at + 1 :]


def saved_again(data: bytes) -> bytes:
    """The file written anew by a program that knows nothing of signatures."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def picture() -> bytes:
    """An unsigned scan."""
    image = Image.new("RGB", (1654, 2339), "white")
    pen = ImageDraw.Draw(image)
    for row in range(300, 2000, 50):
        pen.rectangle((200, row, 1400, row + 20), fill="black")
    out = io.BytesIO()
    image.save(out, "PDF", resolution=200)
    return out.getvalue()
