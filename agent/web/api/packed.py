"""Bodies that come gzipped, unpacked within the limit of what is plain."""

from __future__ import annotations

import zlib

from flask import request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

_GZIP = 31  # zlib's window bits for the gzip format


def unpacked(cap: int) -> bytes:
    """The body, plain, which later readers of the request get too.

    413 for more than `cap` bytes once plain: a small body that swells is cut off there, never held whole. 400 for
    what is no gzip, 415 for another encoding.
    """
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    raw = request.get_data(cache=True, parse_form_data=False)
    if coding in ("", "identity"):
        return raw
    if coding != "gzip":
        raise UnsupportedMediaType
    pressed = zlib.decompressobj(_GZIP)
    try:
        plain = pressed.decompress(raw, cap + 1)
    except zlib.error:
        raise BadRequest from None
    if len(plain) > cap:
        raise RequestEntityTooLarge
    if not pressed.eof or pressed.unused_data:
        raise BadRequest  # cut off, or more behind its end
    request._cached_data = plain
    return plain
