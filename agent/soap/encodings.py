"""An answer's bytes as UTF-8 XML, whatever encoding a province writes in."""

from __future__ import annotations

import codecs
import re
import unicodedata

_DECLARATION = re.compile(r"\s*<\?xml[^>]{0,200}\?>")
_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}\sencoding\s*=\s*["']([\w.:\-]{1,40})""")
_CHARSET = re.compile(r"""charset\s*=\s*"?([\w.:\-]{1,40})""", re.IGNORECASE)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0?\0", "utf-16-le"),
    (b"\0<\0?", "utf-16-be"),
)
KNOWN = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "ascii", "iso8859-1", "cp1252", "cp1258")
"""The encodings that are read: Unicode, and the single-byte ones in use for Vietnamese."""


class Unreadable(ValueError):
    """The bytes are not text of the encoding that they claim."""


def utf8_of(content: bytes, content_type: str) -> bytes:
    """The message in UTF-8 without a declaration, NFC where the encoding takes letters apart; Unreadable otherwise.

    A byte order mark counts first, then the charset of the HTTP header (RFC 7303), then the XML declaration.
    """
    name = _name_of(content, content_type)
    if name == "utf-8" and _declared(content) in ("", "utf-8"):
        return content  # as it came: what is signed stays what it was
    try:
        text = content.decode(name)
    except UnicodeError:
        raise Unreadable from None
    if name == "cp1258":
        text = unicodedata.normalize("NFC", text)  # it has no composed letters
    return _DECLARATION.sub("", text, count=1).encode()


def _name_of(content: bytes, content_type: str) -> str:
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), "")
    charset = _CHARSET.search(content_type)
    try:
        name = codecs.lookup(marked or (charset.group(1) if charset else _declared(content)) or "utf-8").name
    except LookupError:
        raise Unreadable from None
    if name not in KNOWN:
        raise Unreadable
    return name


def _declared(content: bytes) -> str:
    found = _DECLARED.match(content)
    return found.group(1).decode("ascii").lower() if found else ""
