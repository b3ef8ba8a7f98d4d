"""How fast labels are: one for the printer, 200 as one PDF, beside the plain reportlab way in the same run."""

from __future__ import annotations

import dataclasses
import io
import statistics
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]

from figures import Figure, at_most, load, middle, percentile, table  # noqa: E402

from labels import pdf  # noqa: E402
from labels.produce import produce  # noqa: E402
from labels.spec import DossierLabel, ItemLabel, s10_check_digit  # noqa: E402

AT = datetime(2026, 11, 21, 9, 41, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
DOSSIER = DossierLabel("T1-6T21-00CQ", None, "1.001193", "Đăng ký khai sinh", AT, "Bưu cục Tây Hồ", 4, training=False)
NAMES = ("Nguyễn Thị Hường", "Đặng Trần Thụy Khuê", "Lê Hoàng Bảo Ngọc", "Phạm Ỷ Lan", "Võ Nguyễn Quỳnh Đặng")
BATCH, LIMIT_SECONDS, LIMIT_TIMES, LIMIT_MS = 200, 1.0, 8.0, 20.0


def dossier(n: int) -> DossierLabel:
    name = f"Cấp giấy chứng nhận quyền sử dụng đất, đợt {n}"
    return dataclasses.replace(DOSSIER, provisional=f"T1-6T21-{n:04d}", procedure_name=name)


def item(n: int) -> ItemLabel:
    serial = f"{47312482 + n:08d}"
    return ItemLabel(
        item_number=f"RR{serial}{s10_check_digit(serial)}VN",
        service_mark="EMS",
        sending_authority="Sở Tư pháp thành phố Hà Nội",
        receiver_name=f"{NAMES[n % 5]} {n}",
        receiver_address=f"{n} Lạc Long Quân, phường Tây Hồ, thành phố Hà Nội",
        masked_phone=f"09•• ••• {n % 1000:03d}",
        dossier_code=f"H26.019.02-20261121-{n:07d}",
        amount_to_collect=26000 + n,
        addressee_only=n % 2 == 0,
        undelivered="Giữ 5 ngày làm việc, mời hai lần, rồi chuyển hoàn cơ quan gửi.",
        qr_payload=f"https://tracuu.example.vn/t/7hq2mKQ9vB3x{n:05d}",
        training=False,
    )


def plain_way(labels: list[ItemLabel]) -> bytes:
    """The textbook way with the same words: reportlab's Code128 flowable and QR widget, a page a label."""
    from reportlab.graphics import renderPDF
    from reportlab.graphics.barcode.code128 import Code128
    from reportlab.graphics.barcode.qr import QrCodeWidget
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    from labels import fonts

    fonts.register()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(100 * mm, 150 * mm))
    for label in labels:
        canvas.setFont(fonts.REGULAR, 10)
        words = (label.service_mark, label.sending_authority, label.receiver_name, label.receiver_address)
        for line, text in enumerate((*words, label.masked_phone, label.dossier_code, label.undelivered)):
            canvas.drawString(5 * mm, (140 - 6 * line) * mm, text)
        Code128(label.item_number, barWidth=0.5 * mm, barHeight=15 * mm).drawOn(canvas, 2 * mm, 60 * mm)
        drawing = Drawing(30 * mm, 30 * mm)
        drawing.add(QrCodeWidget(label.qr_payload, barLevel="M", barWidth=30 * mm, barHeight=30 * mm))
        renderPDF.draw(drawing, canvas, 5 * mm, 10 * mm)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def seconds(work: Callable[[], object], *, clock: Callable[[], float] = time.perf_counter) -> float:
    """How long one run took by the given clock."""
    start = clock()
    work()
    return clock() - start


def one_label(language: str, runs: int = 100) -> Figure:
    """The median of fresh labels, laid out, checked and rendered."""
    for n in range(20):
        produce(dossier(n), language)
    took = [seconds(lambda n=n: produce(dossier(n), language)) * 1000 for n in range(1000, 1000 + runs)]
    spread = f"p95 {percentile(took, 0.95):.1f} ms"
    return at_most(f"100x60 label in {language}, checked, median", middle(took), LIMIT_MS, "ms", spread)


def batch_of_200() -> list[Figure]:
    """Both ways in turn, three times; the medians by the wall, their ratio by processor time."""
    pdf.batch([item(n) for n in range(5)])
    plain_way([item(0)])
    ours, plain, wall = [], [], []
    for turn in range(3):
        labels = [item(turn * BATCH + n) for n in range(BATCH)]
        start = time.perf_counter()
        ours.append(seconds(lambda labels=labels: pdf.batch(labels), clock=time.process_time))
        wall.append(time.perf_counter() - start)
        plain.append(seconds(lambda labels=labels: plain_way(labels), clock=time.process_time))
    times = statistics.median(plain) / statistics.median(ours)
    per_second = f"{BATCH / middle(wall):.0f} labels/s; plain way {BATCH / middle(plain):.0f}"
    ratio = Figure("the same by the plain way takes", f"{times:.1f} x", f">= {LIMIT_TIMES:g} x", times >= LIMIT_TIMES)
    return [at_most(f"{BATCH} item labels as one PDF, checked", middle(wall), LIMIT_SECONDS, "s", per_second), ratio]


def measure() -> list[Figure]:
    """Every figure of this bench."""
    return [*(one_label(language) for language in ("zpl", "tspl", "escpos", "pdf")), *batch_of_200()]


def main() -> int:
    """Print the table; 1 when a figure misses its limit."""
    figures = measure()
    print(table(figures))
    print(f"\nload {load()}")
    return int(any(figure.holds is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
