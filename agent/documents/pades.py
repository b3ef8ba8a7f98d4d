"""The mechanics of PAdES B-B and detached CMS signatures by pyHanko, with a key that is parsed once."""

from __future__ import annotations

import asyncio
import functools
import io
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agent.documents import stamp
from agent.errors import SigningError

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

RESERVED = 16_384  # bytes kept for the CMS object: estimating its size would sign twice
FIELD = "ChuKySo"
DIGEST = "sha256"
BAD_PIN = "Mật khẩu (PIN) của khóa ký không đúng hoặc tệp khóa hỏng. Nhập lại, hoặc xin cấp lại khóa."


def load(p12: bytes, password: str) -> Any:
    """A pyHanko signer from PKCS#12 bytes; SigningError for a wrong password, a damaged file or no key inside."""
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    try:
        key, certificate, others = pkcs12.load_key_and_certificates(p12, password.encode() or None)
    except (ValueError, TypeError) as error:
        raise SigningError(BAD_PIN, code="signing-pin") from error
    if key is None or certificate is None:
        raise SigningError("Tệp khóa không có khóa ký hoặc chứng thư. Xin cấp lại tệp .p12.")
    der = serialization.Encoding.DER
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register_multiple([x509.Certificate.load(other.public_bytes(der)) for other in others])
    private = key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return _kept_signer()(
        kept=key,
        signing_cert=x509.Certificate.load(certificate.public_bytes(der)),
        signing_key=keys.PrivateKeyInfo.load(private),
        cert_registry=registry,
        embed_roots=False,
    )


def sign_pdf(pdf: bytes, signer: Any, *, at: datetime, reason: str, lines: Sequence[str]) -> bytes:
    """The PDF with a PAdES B-B signature dated `at` and a stamp; SigningError when signed before or damaged."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
    from pyhanko.sign.general import SigningError as PyhankoError
    from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata

    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        if writer.prev.embedded_signatures:
            raise SigningError("PDF này đã được ký. Nếu cần ký lại, lập bản sao mới từ các trang gốc.", code="signed")
        image = stamp.draw(lines)
        place = stamp.find_place(pdf, image)
        if place.grow:
            _grow(writer, place.grow)
        box = (round(place.left), round(place.bottom), round(place.right), round(place.top))
        metadata = PdfSignatureMetadata(
            field_name=FIELD, md_algorithm=DIGEST, reason=reason, subfilter=SigSeedSubFilter.PADES
        )
        field = SigFieldSpec(FIELD, on_page=0, box=box)
        dated = _dated_signer()(metadata, signer, stamp_style=_style(image), new_field_spec=field, at=at)
        signed: bytes = dated.sign_pdf(writer, bytes_reserved=RESERVED).getvalue()
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


@functools.cache
def _kept_signer() -> Any:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from pyhanko.sign.signers.pdf_cms import SimpleSigner

    class KeptSigner(SimpleSigner):
        """SimpleSigner parses and checks the key at each signature (40 ms for RSA); this one keeps it."""

        def __init__(self, kept: Any, **rest: Any) -> None:
            super().__init__(**rest)
            self._kept = kept

        def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
            if digest_algorithm == DIGEST and isinstance(self._kept, rsa.RSAPrivateKey):
                return self._kept.sign(data, padding.PKCS1v15(), hashes.SHA256())
            if digest_algorithm == DIGEST and isinstance(self._kept, ec.EllipticCurvePrivateKey):
                return self._kept.sign(data, ec.ECDSA(hashes.SHA256()))
            other: bytes = super().sign_raw(data, digest_algorithm)
            return other

    return KeptSigner


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
