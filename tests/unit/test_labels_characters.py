"""Characters and lines on labels: minority names whole, what cannot be printed refused by name, nothing too small."""

from __future__ import annotations

import dataclasses
import unicodedata

import pytest
from PIL import ImageChops

from labels import fit, fonts, pdf, raster
from labels.elements import Text
from labels.errors import LabelError
from labels.layout import layout
from labels.produce import produce
from tests.unit.test_labels import DOSSIER, ITEM, pdf_picture


@pytest.mark.parametrize(
    ("bad", "named"),
    [("Nguyễn\x1bHường", "U+001B"), ("\x10\x04Hường", "U+0010"), ("Hường\x00", "U+0000"), ("Hường\x7f", "U+007F"),
     ("Hường 😀", "“😀” (U+1F600)"), ("王 Hường", "“王” (U+738B)"), ("Hường\ud800", "U+D800"),
     ("Hường\ue000", "U+E000")],
)  # fmt: skip
def test_a_character_that_cannot_be_printed_is_refused_by_name(bad, named):
    for spec in (dataclasses.replace(ITEM, receiver_name=bad), dataclasses.replace(DOSSIER, office=bad)):
        for language in ("zpl", "tspl", "escpos", "pdf"):
            with pytest.raises(LabelError) as caught:
                produce(spec, language)
            assert caught.value.reason == "text"
            assert named in caught.value.message
            assert caught.value.message.isprintable()


def test_names_of_minority_peoples_are_printed_whole_each_mark_over_its_letter():
    name = "H'Hen Niê Kdăm, Ksor H’Bơ̆k, Y Ngŭm Ênuôl, Siu Y Mĭn, Rơ Châm Bŏk, Kpă Hĕn"
    laid = layout(dataclasses.replace(ITEM, receiver_name=name))
    (text,) = (e for e in laid.elements if isinstance(e, Text) and "Niê" in e.lines[0])
    assert unicodedata.normalize("NFC", " ".join(text.lines).replace("ı", "i")) == unicodedata.normalize("NFC", name)
    pen = 0
    for char in "Bơ\u0306k":
        letter = fonts.glyph(char, text.face, text.size)
        if char == "\u0306":
            across, up = fonts.mark_at(char, "ơ", text.face, text.size)
            base = fonts.glyph("ơ", text.face, text.size)
            left = letter.left + across
            assert letter.advance == 0
            assert abs(left + letter.mask.width / 2 - base.left - base.mask.width / 2) <= 1  # in the middle
            assert letter.top - up + letter.mask.height <= base.top  # and clear above
        pen += letter.advance
    assert pen == fonts.hinted_width("Bơk", text.face, text.size)


def test_marks_stand_in_the_pdf_where_they_stand_in_the_bitmap():
    plain, marked = (dataclasses.replace(ITEM, receiver_name=name) for name in ("Ngum", "Ngŭm"))
    laid = layout(marked)
    place = next(e.box for e in laid.elements if isinstance(e, Text) and e.lines[0].startswith("Ngu"))
    corners = (place.x, place.y, place.x + place.width, place.y + place.height)

    def added(pictures):  # where the breve is: what the marked name has and the plain one lacks
        before, after = (p.convert("L").crop(corners).point(lambda v: 255 * (v < 128)) for p in pictures)
        return ImageChops.subtract(after, before).getbbox()

    bitmap = added([raster.image(layout(spec)) for spec in (plain, marked)])
    paper = added([pdf_picture(pdf.render(layout(spec)), 203) for spec in (plain, marked)])
    assert all(abs(one - other) <= 2 for one, other in zip(bitmap, paper, strict=True))


def test_no_text_is_smaller_than_people_can_read():
    for size in ((100, 60), (80, 50), (60, 40)):
        for text in (e for e in layout(DOSSIER, 203, size).elements if isinstance(e, Text)):
            assert text.size * 25.4 / 203 >= 1.7


def test_no_line_begins_with_a_dash():
    name = "Ủy ban nhân dân phường Thượng Cát – Chi nhánh Trung tâm Phục vụ hành chính công – Bộ phận số 3"
    for width in range(200, 700, 7):
        lines = fit.wrap(name, fonts.REGULAR, 20, width)
        assert " ".join(lines) == name
        assert not any(line.startswith("–") for line in lines)


def test_a_heading_is_broken_evenly():
    title = "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ"
    wide = round(fonts.width(title, fonts.BOLD, 30) * 0.9)
    lines = fit.balanced(title, fonts.BOLD, 30, wide)
    widths = [fonts.width(line, fonts.BOLD, 30) for line in lines]
    assert len(lines) == len(fit.wrap(title, fonts.BOLD, 30, wide)) == 2
    assert min(widths) > 0.7 * max(widths)
