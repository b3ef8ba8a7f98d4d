"""The mechanics of PAdES B-B and B-T and of detached CMS signatures by pyHanko."""

from __future__ import annotations

import asyncio
import functools
import io
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agent.documents import stamp
from agent.documents.signing_engines import DIGEST
from agent.errors import SigningError

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

RESERVED = 16_384  # hex digits kept for the CMS object: estimating its size would sign twice
RESERVED_DATED = 40_960  # with a time-stamp and its authority's chain
FIELD = "ChuKySo"
SEAL = "ConDau"


@dataclass(frozen=True)
class Act:
    """One signature: when and why, what the stamp says, which field, and whether a seal's stamp must fit beside it."""

    at: datetime
    reason: str
    lines: tuple[str, ...]
    field: str = FIELD
    room: bool = False


def sign_pdf(pdf: bytes, signer: Any, act: Act, stamper: Any = None) -> bytes:
    """The PDF with a PAdES signature and its stamp, dated by `stamper` too; SigningError when signed or damaged.

    A seal goes on top of the clerk's signature as an incremental update that changes nothing it covers.
    """
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.general import SigningError as PyhankoError
    from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata

    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        before = [signature.field_name for signature in writer.prev.embedded_signatures]
        if before and (act.field != SEAL or SEAL in before):
            raise SigningError("PDF này đã được ký. Nếu cần ký lại, lập bản sao mới từ các trang gốc.", code="signed")
        image, box = _place(writer, pdf, act, may_grow=not before)
        metadata = PdfSignatureMetadata(
            field_name=act.field, md_algorithm=DIGEST, reason=act.reason, subfilter=SigSeedSubFilter.PADES
        )
        field = SigFieldSpec(act.field, on_page=0, box=box)
        style = None if image is None else _style(image)
        dated = _dated_signer()(
            metadata, signer, stamp_style=style, new_field_spec=field, timestamper=stamper, at=act.at
        )
        reserved = RESERVED if stamper is None else RESERVED_DATED
        signed: bytes = dated.sign_pdf(writer, bytes_reserved=reserved).getvalue()
        return signed
    except (PdfError, PyhankoError, ValueError, LookupError, OSError) as error:
        raise SigningError(f"Không ký được PDF ({error}). Lập lại bản sao rồi ký.") from error


def sign_bytes(data: bytes, signer: Any, *, at: datetime) -> bytes:
    """A detached CMS signature (DER) over `data` that states `at`, certificates included."""
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    settings = PdfCMSSignedAttributes(signing_time=at)
    content = asyncio.run(signer.async_sign_general_data(data, DIGEST, signed_attr_settings=settings))
    signed: bytes = content.dump()
    return signed


def _place(
    writer: IncrementalPdfFileWriter, pdf: bytes, act: Act, *, may_grow: bool
) -> tuple[Any, tuple[int, int, int, int] | None]:
    """The drawn stamp and its box; neither when it would cover ink and the page may not grow any more."""
    image, place = stamp.arrange(pdf, act.lines, room=act.room)
    if place.grow and not may_grow:
        return None, None
    if place.grow:
        _grow(writer, place.grow)
    return image, (round(place.left), round(place.bottom), round(place.right), round(place.top))


@functools.cache
def _dated_signer() -> Any:
    from pyhanko.sign.signers.pdf_signer import PdfSigner

    class DatedSigner(PdfSigner):
        """PdfSigner dates a signature by the machine's clock; this one by the given instant."""

        def __init__(self, *positional: Any, at: datetime, **rest: Any) -> None:
            super().__init__(*positional, **rest)
            self._at = at

        def init_signing_session(self, *positional: Any, **rest: Any) -> Any:
            session = super().init_signing_session(*positional, **rest)
            session.system_time = self._at
            return session

    return DatedSigner


def _style(image: Any) -> Any:
    """The drawn stamp as the whole appearance: text by the library would break PDF/A and Vietnamese."""
    from pyhanko.pdf_utils.images import PdfImage
    from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, Margins, SimpleBoxLayoutRule
    from pyhanko.stamp import StaticStampStyle

    filled = SimpleBoxLayoutRule(
        x_align=AxisAlignment.ALIGN_MID,
        y_align=AxisAlignment.ALIGN_MID,
        margins=Margins(0, 0, 0, 0),
        inner_content_scaling=InnerScaling.STRETCH_FILL,
    )
    return StaticStampStyle(border_width=0, background=PdfImage(image), background_layout=filled)


def _grow(writer: IncrementalPdfFileWriter, points: float) -> None:
    """Add an empty strip on top of page 1."""
    from pyhanko.pdf_utils import generic

    reference = writer.find_page_for_modification(0)[0]  # type: ignore[no-untyped-call]
    page = reference.get_object()
    inherited = page
    while "/MediaBox" not in inherited:
        inherited = inherited["/Parent"]
    for name in ("/MediaBox", "/CropBox"):
        box = (inherited if name == "/MediaBox" else page).get(name)
        if box is not None:
            left, bottom, right, top = (float(value) for value in box)
            sides = (left, bottom, right, top + points)
            page[name] = generic.ArrayObject(map(generic.FloatObject, sides))
    writer.update_container(page)
