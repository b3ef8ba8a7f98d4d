"""Files that strangers hand in, made small and in memory: broken, armed, enormous, or merely unusual."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterable

import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image, ImageDraw


def sheet(width: int = 1654, height: int = 2339, mode: str = "RGB") -> Image.Image:
    """A page with a red corner top left and lines that look like text; A4 at 200 dpi unless told otherwise."""
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    for row in range(height // 6, height - height // 6, max(8, height // 50)):
        for column in range(width // 8, width - width // 8, max(8, width // 30)):
            pen.rectangle((column, row, column + width // 50, row + height // 120), fill="black")
    pen.rectangle((0, 0, width // 5, height // 10), fill=(200, 20, 20))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """The image as a file of 200 dpi."""
    out = io.BytesIO()
    image.save(out, kind, **({"dpi": (200, 200)} | options))
    return out.getvalue()


def several(kind: str, *frames: Image.Image, **options: object) -> bytes:
    """Several images in one file."""
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=list(frames[1:]), **options)
    return out.getvalue()


# --- images that say more than they are --------------------------------------------------------
def png_of(width: int, height: int, *, depth: int = 8, colour: int = 2, rows: int = 0) -> bytes:
    """A PNG of white rows; `rows` of them are really there, all when 0."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = b"\0" + b"\xff" * ((width * channels * depth + 7) // 8)
    pack, body = zlib.compressobj(9), bytearray()
    for _ in range(rows or height):
        body += pack.compress(row)
    body += pack.flush()
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    palette = [(b"PLTE", b"\xff\xff\xff")] if colour == 3 else []
    chunks: Iterable[tuple[bytes, bytes]] = [(b"IHDR", head), *palette, (b"IDAT", bytes(body)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def png_with_text_bomb() -> bytes:
    """A PNG whose compressed note unpacks to 300 MB."""
    whole = encoded(sheet(400, 560), "PNG")
    note = b"Comment\0\0" + _squeezed(300_000_000)
    return whole[:33] + _chunk(b"zTXt", note) + whole[33:]


def jpeg_of(width: int, height: int) -> bytes:
    """A JPEG of a small page that claims to be so large."""
    whole = bytearray(encoded(sheet(400, 560), "JPEG"))
    at = whole.index(b"\xff\xc0") + 5
    whole[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(whole)


def tiff_of(width: int, height: int) -> bytes:
    """A deflated TIFF of one strip that claims to be so large; its strip unpacks to 100 MB."""
    strip = _squeezed(100_000_000)
    tags = [
        (256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 8), (262, 3, 1), (273, 4, 8 + 2 + 12 * 9 + 4),
        (277, 3, 1), (278, 4, height), (279, 4, len(strip)),
    ]  # fmt: skip
    rows = b"".join(
        struct.pack("<HHI", tag, kind, 1) + struct.pack("<I" if kind == 4 else "<HH", *([v] if kind == 4 else [v, 0]))
        for tag, kind, v in tags
    )
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(tags)) + rows + bytes(4) + strip


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _squeezed(size: int) -> bytes:
    pack, zeros = zlib.compressobj(9), bytes(1_000_000)
    return b"".join(pack.compress(zeros) for _ in range(size // len(zeros))) + pack.flush()


# --- PDF ---------------------------------------------------------------------------------------
def pdf_of(*images: Image.Image) -> pikepdf.Pdf:
    """An open PDF with a scanned page for each image."""
    out = io.BytesIO()
    images[0].save(out, "PDF", resolution=200, save_all=True, append_images=list(images[1:]))
    return pikepdf.open(out)


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    """The PDF's bytes."""
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def armed(kind: str) -> bytes:
    """A scanned page in a PDF that also does something: `kind` as pdf_active names it, or where the script sits."""
    pdf = pdf_of(sheet())
    page, root = pdf.pages[0], pdf.Root
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert('x')"))
    launch = Dictionary(S=Name.Launch, F=String("cmd.exe"))
    inside = pdf.make_stream(b"PK\3\4" + _squeezed(70_000_000), Type=Name.EmbeddedFile)
    file = Dictionary(Type=Name.Filespec, F=String("a.zip"), EF=Dictionary(F=inside))
    note = {"/Type": Name.Annot, "/Rect": Array([10, 10, 90, 40])}
    if kind == "javascript":
        root.OpenAction = script
    elif kind == "javascript of the page":
        page.obj.AA = Dictionary(O=script)
    elif kind == "javascript by name":
        root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script])))
    elif kind == "launch":
        page.obj.Annots = Array([pdf.make_indirect(Dictionary(note | {"/Subtype": Name.Link, "/A": launch}))])
    elif kind == "attachment":
        root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array([String("a"), file])))
    elif kind == "attachment on the page":
        page.obj.Annots = Array([pdf.make_indirect(Dictionary(note | {"/Subtype": Name.FileAttachment, "/FS": file}))])
    elif kind == "media":
        page.obj.Annots = Array([pdf.make_indirect(Dictionary(note | {"/Subtype": Name.RichMedia}))])
    elif kind.startswith("xfa"):
        form = Dictionary(XFA=pdf.make_stream(b"<xdp/>"), Fields=Array([]))
        if kind == "xfa":
            field = note | {"/Subtype": Name.Widget, "/FT": Name.Tx, "/T": String("t"), "/V": String("x")}
            page.obj.Annots = form.Fields = Array([pdf.make_indirect(Dictionary(field))])
        else:
            root.NeedsRendering = True
        root.AcroForm = form
    data = saved(pdf)
    return data.replace(b"/JavaScript", b"/J#61vaScript") if kind == "javascript" else data


def pdf_bomb(kind: str) -> bytes:
    """A PDF that unpacks to something enormous: content, objects, an image, what pages share; or 10,000 pages."""
    pdf = pdf_of(sheet(400, 560, "L"))
    page = pdf.pages[0]
    if kind == "pages":
        for _ in range(9_999):
            pdf.add_blank_page()
    elif kind == "content":
        page.obj.Contents = Stream(pdf, _squeezed(150_000_000), Filter=Name.FlateDecode)
    elif kind == "content twice":
        page.obj.Contents = Stream(
            pdf, zlib.compress(_squeezed(150_000_000), 9), Filter=Array([Name.FlateDecode, Name.FlateDecode])
        )
    elif kind == "image":
        image = next(iter(page.get_images().values()))
        image.Width = image.Height = 60_000
    elif kind == "shared":
        shared = pdf.make_stream(zlib.compress(random.Random(7).randbytes(4_000_000), 1), Filter=Name.FlateDecode)
        shared.Subtype, shared.BBox = Name.Form, Array([0, 0, 1, 1])
        page.obj.Resources.XObject.Big = shared
        for _ in range(39):
            pdf.pages.append(page)
    elif kind == "objects":
        return _object_stream_bomb()
    elif kind == "nested":
        page.obj.Deep = pdf.make_stream(b"")
        return saved(pdf).replace(b"/Deep", b"/Deep " + b"[" * 100_000 + b"/X")
    return saved(pdf)


def _object_stream_bomb() -> bytes:
    body, place = bytearray(b"%PDF-1.5\n"), {}
    packed = _squeezed(150_000_000)
    for number, text in ((1, b"<</Type/Catalog/Pages 2 0 R>>"), (2, b"<</Type/Pages/Count 1/Kids[3 0 R]>>")):
        place[number] = len(body)
        body += b"%d 0 obj%s endobj\n" % (number, text)
    place[4] = len(body)
    head = b"4 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    body += head + packed + b"\nendstream endobj\n"
    at = len(body)
    rows = b"".join(
        struct.pack(">BIB", kind, where, 0)
        for kind, where in ((0, 0), (1, place[1]), (1, place[2]), (2, 4), (1, place[4]), (1, at))
    )  # fmt: skip
    body += b"5 0 obj<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>stream\n" % len(rows)
    return bytes(body) + rows + b"\nendstream endobj\nstartxref\n%d\n%%%%EOF\n" % at


def image_in_pdf(coded: bytes, size: tuple[int, int], filter_: str, **options: object) -> bytes:
    """A PDF page that shows one coded image."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    image = Stream(
        pdf,
        coded,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=size[0],
        Height=size[1],
        Filter=Name(filter_),
        **options,
    )
    page = pdf.pages[0]
    page.obj.Resources = Dictionary(XObject=Dictionary(I=image))
    page.obj.Contents = Stream(pdf, b"q 595 0 0 842 0 0 cm /I Do Q")
    return saved(pdf)


def jbig2(width: int = 1664, height: int = 2339) -> bytes:
    """A JBIG2 page as PDF holds it: page information, then one generic region in MMR, white with black bars."""
    image = Image.new("1", (width, height), 1)
    pen = ImageDraw.Draw(image)
    for row in range(300, 2000, 40):
        pen.rectangle((200, row, 1400, row + 14), fill=0)
    out = io.BytesIO()
    image.save(out, "TIFF", compression="group4", strip_size=1 << 30)
    with Image.open(out) as tiff:
        (at,), (size,) = tiff.tag_v2[273], tiff.tag_v2[279]
        inverted = tiff.tag_v2[262] == 1
    mmr = out.getvalue()[at : at + size]
    assert not inverted or mmr
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIB", width, height, 0, 0, 0) + b"\1" + mmr
    return _segment(0, 48, page) + _segment(1, 38, region)


def _segment(number: int, kind: int, data: bytes) -> bytes:
    return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data
