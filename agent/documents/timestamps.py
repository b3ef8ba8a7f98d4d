"""Time-stamps of a configured authority (RFC 3161), and what becomes of a signature when it does not answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from agent.errors import SigningError
from agent.ports_signing import SignedPdf

DOWN_SECONDS = 60.0  # one silence is waited for, not one for each paper of a batch
LONGEST = 1 << 20  # bytes of an answer; real ones have 10 kB
WITHOUT = "Ký không có dấu thời gian (PAdES B-B): {why}. Giờ ký là giờ của máy."
REFUSED = "Chưa ký: {why}, mà bưu cục quy định phải có dấu thời gian. Kiểm tra đường mạng rồi ký lại."


class NoTime(Exception):
    """The authority did not give a usable time-stamp; says why, in Vietnamese."""


class TimeStamps:
    """Dates signatures by the authority at `url`; `required` refuses a signature that it did not date."""

    def __init__(self, url: str, *, required: bool = False, patience: float = 5.0) -> None:
        self._url, self._required, self._patience = url, required, patience
        self._down_until, self._why = 0.0, ""

    def dated(self, sign: Callable[[Any], bytes]) -> SignedPdf:
        """What `sign` makes with a time-stamper: B-T, or without one (None) B-B and the reason."""
        if not self._url:
            return SignedPdf(sign(None), "B-B")
        if self._required or time.monotonic() >= self._down_until:
            try:
                return SignedPdf(sign(_stamper(self._url, self._patience)), "B-T")
            except NoTime as error:
                self._why, self._down_until = str(error), time.monotonic() + DOWN_SECONDS
        if self._required:
            raise SigningError(REFUSED.format(why=self._why), code="signing-time")
        return SignedPdf(sign(None), "B-B", (WITHOUT.format(why=self._why),))


def _stamper(url: str, patience: float) -> Any:
    import requests
    from asn1crypto import tsp
    from pyhanko.sign.timestamps.api import TimeStamper
    from pyhanko.sign.timestamps.common_utils import TimestampRequestError, set_tsp_headers

    class Asker(TimeStamper):
        """Asks once, reads a bounded answer, and believes it only about the bytes that it was asked about."""

        async def async_request_tsa_response(self, req: Any) -> Any:
            headers = set_tsp_headers({})
            with requests.post(url, req.dump(), headers=headers, timeout=patience, stream=True) as answer:
                if answer.status_code != 200:
                    raise NoTime(f"máy chủ dấu thời gian từ chối (HTTP {answer.status_code})")
                return tsp.TimeStampResp.load(answer.raw.read(LONGEST, decode_content=True), strict=True)

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            try:
                token = await super().async_timestamp(message_digest, md_algorithm)
                info = token["content"]["encap_content_info"]["content"].parsed
                stamped = info["message_imprint"]["hashed_message"].native
            except (requests.RequestException, OSError) as error:
                if isinstance(error, TimestampRequestError):
                    raise NoTime(f"máy chủ dấu thời gian không cấp ({error})") from error
                raise NoTime("máy chủ dấu thời gian không trả lời") from error
            except (ValueError, TypeError, LookupError, AttributeError) as error:
                raise NoTime("máy chủ dấu thời gian trả lời không đọc được") from error
            if stamped != message_digest:
                raise NoTime("dấu thời gian nhận được không phải của chữ ký này")
            return token

    return Asker()  # type: ignore[no-untyped-call]
