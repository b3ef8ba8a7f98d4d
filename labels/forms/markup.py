"""User text made safe for reportlab's paragraphs, which read markup."""

from __future__ import annotations

from html import escape

from labels.text import clean


def safe(text: str) -> str:
    """Cleaned text with no markup of its own.

    >>> safe("Lê <b>Hà</b> & con")
    'Lê &lt;b&gt;Hà&lt;/b&gt; &amp; con'
    """
    return escape(clean(text), quote=False)


def two_lines(text: str) -> str:
    """A cell's text; what follows a line break stands beneath it, smaller and softer."""
    first, _, rest = text.partition("\n")
    return safe(first) + (f'<br/><font size="6.2" color="#5b626c">{safe(rest)}</font>' if rest else "")
