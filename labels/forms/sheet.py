"""A form as a run of blocks (fields, lists, tables, signatures) published as a PDF on A5 or A4."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from reportlab.lib.pagesizes import A4, A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    HRFlowable,
    KeepTogether,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)
from reportlab.platypus.doctemplate import LayoutError

from labels import fonts
from labels.errors import LabelError
from labels.forms.common import Head, Party
from labels.forms.marks import INK, LINE, SOFT, CodeBand, InkMark, QrMark, numbered, page_marks
from labels.forms.markup import safe, two_lines
from labels.text import clean, long_date

Align = Literal["left", "centre", "right"]
_ALIGNMENTS: dict[Align, Literal[0, 1, 2]] = {"left": 0, "centre": 1, "right": 2}
NATION, MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"


@dataclass(frozen=True)
class Column:
    """A table's column: its heading, its share of the width, `left`, `right` or `centre`."""

    title: str
    share: float
    align: Align = "left"


@dataclass(frozen=True)
class Signature:
    """Who signs: the role in capitals, the hint beneath it, the name when known."""

    role: str
    name: str = ""
    hint: str = "(Ký và ghi rõ họ tên)"
    strokes: tuple[tuple[tuple[float, float], ...], ...] = ()  # what was signed on a screen


class Sheet:
    """Collects the blocks of one form; `publish` gives the PDF, the same bytes for the same blocks."""

    def __init__(self, head: Head, title: str, *, note: str = "", a4: bool = False, keywords: str = "") -> None:
        fonts.register()
        self._head, self._title, self._keywords = head, clean(title), keywords
        self._page: tuple[float, float] = A4 if a4 else A5
        self._margin = (17 if a4 else 11) * mm
        self.width = self._page[0] - 2 * self._margin
        self._base = 10.0 if a4 else 8.4
        self.narrow = 27 * mm  # what `beside_code` needs on the right
        self._story: list[Flowable] = []
        self._heading(note)

    # --- blocks ---

    def fields(self, rows: Sequence[tuple[str, str]], *, label_share: float = 0.3) -> None:
        """Label and value side by side; an empty value is left out. A value may take many lines."""
        cells = [[self._label(name), self._para(safe(value))] for name, value in rows if clean(value)]
        if cells:
            widths = [self.width * label_share, self.width * (1 - label_share)]
            self._story.append(self._grid(cells, widths, lines=False))

    def beside_code(self, payload: str, words: str) -> None:
        """A QR with a few words under it in the room that a narrow table before it left on the right."""
        mark, column = QrMark(payload), self.narrow
        block = [mark, self._para(safe(words), size=self._base - 2, align="centre")]
        before: list[Flowable] = [self._story.pop()]
        if before[0].wrap(self.width - column, 1e6)[1] > 60 * mm:  # too tall to be one row of a page
            self._story.append(before.pop())
        table = Table([[before, block]], colWidths=[self.width - column, column], hAlign="LEFT", spaceAfter=mm)
        table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("ALIGN", (1, 0), (1, 0), "CENTER"), *_no_padding()])
        self._story.append(table)

    def party(self, party: Party, name_label: str) -> None:
        """A person or organisation: name, identity, address, then phone and e-mail on one line."""
        rows = [(name_label, party.name), ("Số định danh", party.identity), ("Địa chỉ", party.address)]
        self.fields(rows)
        self.pair(("Điện thoại", party.phone), ("Thư điện tử", party.email))

    def pair(self, left: tuple[str, str], right: tuple[str, str], *, label_share: float = 0.3) -> None:
        """Two short fields on one line; one empty or too long takes a line for itself."""
        shares = (label_share, 0.27, 0.18, 1 - label_share - 0.45)
        room = [self.width * share - 2 * mm for share in (shares[1], shares[3])]
        wide = [stringWidth(clean(value), fonts.REGULAR, self._base) for _, value in (left, right)]
        if not all(0 < extent <= most for extent, most in zip(wide, room, strict=True)):
            self.fields([left, right], label_share=label_share)
            return
        cells = [[self._label(left[0]), self._para(safe(left[1])), self._label(right[0]), self._para(safe(right[1]))]]
        widths = [self.width * share for share in shares]
        self._story.append(self._grid(cells, widths, lines=False))

    def section(self, text: str) -> None:
        """A heading inside the form, never alone at the foot of a page."""
        self._story.append(CondPageBreak(22 * mm))
        self._story.append(Paragraph(safe(text), self._style(bold=True, before=1.4 * mm, after=0.3 * mm)))

    def paragraph(self, text: str, *, bold: bool = False, italic: bool = False) -> None:
        """A paragraph of running text."""
        self._story.append(Paragraph(safe(text), self._style(bold=bold, italic=italic, before=1 * mm, after=0.6 * mm)))

    def notice(self, text: str, detail: str = "") -> None:
        """A framed statement that nobody overlooks."""
        words = [self._para(safe(text), bold=True)]
        words += [self._para(safe(detail), size=self._base - 0.8)] if clean(detail) else []
        cells = [[words]]
        table = Table(cells, colWidths=[self.width], hAlign="LEFT", spaceBefore=1 * mm, spaceAfter=1.5 * mm)
        style: list[Any] = [
            ("BOX", (0, 0), (-1, -1), 0.8, INK),
            ("LINEBEFORE", (0, 0), (0, -1), 3, INK, "butt"),
            ("LEFTPADDING", (0, 0), (-1, -1), 3 * mm),
            ("TOPPADDING", (0, 0), (-1, -1), 1.1 * mm),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.3 * mm),
        ]
        table.setStyle(style)
        self._story.append(table)

    def numbered(self, items: Sequence[str]) -> None:
        """A plain numbered list; each item may take many lines."""
        cells = [[self._para(f"{n}.", align="right"), self._para(safe(item))] for n, item in enumerate(items, start=1)]
        if cells:
            self._story.append(self._grid(cells, [7 * mm, self.width - 7 * mm], lines=False))

    def table(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str | Flowable]],
        *,
        total: Sequence[str] = (),
        less: float = 0,
    ) -> None:
        """A ruled table; its heading returns on every page; `total` is a last row in bold.

        A cell may hold one line break: what follows it is set small beneath; or a flowable. `less` points of the width
        stay free.
        """
        whole = sum(c.share for c in columns)
        widths = [(self.width - less) * c.share / whole for c in columns]
        small = self._base - 1
        cells: list[list[Flowable]] = [
            [self._para(safe(c.title), bold=True, align=c.align, size=small) for c in columns]
        ]
        for row in rows:
            cells.append(
                [
                    self._para(two_lines(t), align=c.align, size=small) if isinstance(t, str) else t
                    for t, c in zip(row, columns, strict=True)
                ]
            )
        if total:
            cells.append(
                [self._para(safe(t), bold=True, align=c.align, size=small) for t, c in zip(total, columns, strict=True)]
            )
        if self._story and isinstance(self._story[-1], Table):
            self.space(1)
        self._story.append(self._grid(cells, widths, lines=True))

    def signatures(self, signers: Sequence[Signature], *, dated: bool = False) -> None:
        """Blocks to sign side by side, never parted from each other; `dated` writes place and day above."""
        cells = []
        for signer in signers:
            block = [
                self._para(safe(signer.role), bold=True, align="centre"),
                self._para(safe(signer.hint), italic=True, align="centre", size=self._base - 1),
                InkMark(signer.strokes) if signer.strokes else Spacer(1, 12.5 * mm),
                self._para(safe(signer.name), bold=True, align="centre"),
            ]
            cells.append(block)
        table = Table([cells], colWidths=[self.width / len(cells)] * len(cells))
        table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 0)])
        day = [self._para(self._dateline(), italic=True, align="right")] if dated else []
        last = [self._story.pop()] if self._story[-1].wrap(self.width, 1e6)[1] < 50 * mm else []
        self._story.append(KeepTogether([*last, Spacer(1, 2.5 * mm), *day, table]))

    def block(self, flowable: Flowable) -> None:
        """A mark of its own size, such as an item's bars."""
        self._story.append(flowable)

    def code_and_words(self, payload: str, words: str) -> None:
        """A QR of up to 1,000 characters on the left with a few words beside it."""
        mark = QrMark(payload, most=1000)
        table = Table(
            [[mark, self._para(safe(words), italic=True)]], colWidths=[mark.width + 2 * mm, None], hAlign="LEFT"
        )
        table.setStyle([("VALIGN", (0, 0), (-1, -1), "MIDDLE"), *_no_padding()])
        self._story.append(table)

    def space(self, height_mm: float) -> None:
        """Empty height between blocks."""
        self._story.append(Spacer(1, height_mm * mm))

    def publish(self) -> bytes:
        """The PDF: embedded fonts, no time or random id inside."""
        out = io.BytesIO()
        head = (12 if self._head.training else 9) * mm
        frame = Frame(self._margin, 11.5 * mm, self.width, self._page[1] - 11.5 * mm - head, 0, 0, 0, 0, id="page")
        document = BaseDocTemplate(
            out,
            pagesize=self._page,
            pageTemplates=[PageTemplate("page", [frame])],
            title=f"{self._title} {clean(self._head.code)}",
            author=clean(self._head.desk),
            keywords=self._keywords,  # type: ignore[arg-type]  # reportlab takes text too
            creator="postal-agent",
            lang="vi-VN",
            invariant=1,
        )
        marks = page_marks(self._title, self._head.code, training=self._head.training, margin=self._margin)
        try:
            document.build(self._story, canvasmaker=numbered(marks))
        except LayoutError as error:
            raise LabelError(
                "too-long", f"“{self._title}” có một mục dài hơn cả trang giấy. Hãy viết gọn lại."
            ) from error
        return out.getvalue()

    # --- parts ---

    def _heading(self, note: str) -> None:
        head, small = self._head, self._base - 0.6
        left = [
            self._para(safe(head.authority.upper()), align="centre", size=small),
            self._para(safe(head.desk), bold=True, align="centre", size=small),
            HRFlowable(width="32%", thickness=0.6, color=INK, spaceBefore=0.8 * mm, spaceAfter=0.8 * mm),
        ]
        if clean(head.number):
            left.append(self._para("Số: " + safe(head.number), align="centre", size=small))
        right = [
            self._para(NATION, bold=True, align="centre", size=small - 0.4),
            self._para(MOTTO, bold=True, align="centre", size=small),
            HRFlowable(width="46%", thickness=0.6, color=INK, spaceBefore=0.8 * mm, spaceAfter=0.8 * mm),
            self._para(self._dateline(), italic=True, align="centre", size=small),
        ]
        table = Table([[left, right]], colWidths=[self.width * 0.43, self.width * 0.57])
        table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("ALIGN", (0, 0), (-1, -1), "CENTER"), *_no_padding()])
        title = self._style(bold=True, align="centre", size=self._base + 3.6, before=2 * mm, after=0.4 * mm)
        self._story += [table, Spacer(1, 2 * mm), CodeBand(head.code, head.payload, self.width)]
        self._story.append(Paragraph(safe(self._title.upper()), title))
        if note:
            self._story.append(self._para(safe(note), italic=True, align="centre"))
        self._story.append(Spacer(1, 1.6 * mm))

    def _dateline(self) -> str:
        return f"{safe(self._head.place)}, {long_date(self._head.issued_at.date())}"

    def _grid(self, cells: Sequence[Sequence[Flowable]], widths: list[float], *, lines: bool) -> Table:
        table = Table([list(row) for row in cells], colWidths=widths, repeatRows=1 if lines else 0, hAlign="LEFT")
        table.spaceAfter = 1.2 * mm if lines else 0
        pad = 0.8 * mm if lines else 0.3 * mm
        style: list[Any] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), pad),
            ("BOTTOMPADDING", (0, 0), (-1, -1), pad),
            ("LEFTPADDING", (0, 0), (-1, -1), 1.2 * mm if lines else 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 1.2 * mm if lines else 1.5 * mm),
        ]
        if lines:
            style += [("INNERGRID", (0, 0), (-1, -1), 0.3, LINE), ("BOX", (0, 0), (-1, -1), 0.6, INK)]
            style.append(("LINEBELOW", (0, 0), (-1, 0), 0.6, INK))
            style.append(("LINEBELOW", (0, "splitlast"), (-1, "splitlast"), 0.6, INK))  # the box is closed on each page
        table.setStyle(style)
        return table

    def _label(self, text: str) -> Paragraph:
        return self._para(safe(text) + ":", soft=True)

    def _para(
        self,
        markup: str,
        *,
        bold: bool = False,
        italic: bool = False,
        align: Align = "left",
        size: float | None = None,
        soft: bool = False,
    ) -> Paragraph:
        return Paragraph(markup, self._style(bold=bold, italic=italic, align=align, size=size, soft=soft))

    def _style(
        self,
        *,
        bold: bool = False,
        italic: bool = False,
        align: Align = "left",
        size: float | None = None,
        soft: bool = False,
        before: float = 0,
        after: float = 0,
    ) -> ParagraphStyle:
        points = size or self._base
        return ParagraphStyle(
            "text",
            fontName=fonts.BOLD if bold else fonts.ITALIC if italic else fonts.REGULAR,
            fontSize=points,
            leading=points * 1.31,
            textColor=SOFT if soft else INK,
            alignment=_ALIGNMENTS[align],
            spaceBefore=before,
            spaceAfter=after,
            splitLongWords=1,
        )


def _no_padding() -> list[Any]:
    sides = ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")
    return [(side, (0, 0), (-1, -1), 0) for side in sides]
