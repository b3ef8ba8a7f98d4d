"""A gateway that offers nothing: each operation says so, and what a profile maps stands over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from agent.errors import HandoffNotOffered
from agent.ports import BucketDigest, LedgerRow
from agent.ports_province import (
    CustodyMilestone,
    CustodyReport,
    HeadExchange,
    JournalHead,
    PaymentRow,
    PersonMatch,
    Receipt,
)

WORDS = {
    "GetProcedures": "lấy danh mục thủ tục; dùng danh mục có sẵn",
    "AllocateNumber": "cấp số hồ sơ; số về cùng biên nhận",
    "LookupPerson": "tra cứu công dân; nhập từ giấy tờ",
    "LookupReusableDocuments": "tra giấy tờ dùng lại; nhận giấy tờ như thường",
    "SupplementDossier": "nhận bổ sung; nộp giấy bổ sung bằng bản giấy",
    "WithdrawDossier": "rút hồ sơ; báo tỉnh bằng văn bản",
    "GetStatusChanges": "báo trạng thái; hỏi tỉnh bằng điện thoại",
    "ReportDelivery": "nhận báo cáo trả kết quả; gửi danh sách đã trả cho tỉnh",
    "ReportCustody": "nhận mốc giữ bưu gửi; sổ bưu gửi giữ tại bưu cục",
    "ReportPayments": "nhận báo cáo thu; đối chiếu theo bảng kê",
    "ReportSatisfaction": "nhận đánh giá hài lòng; giữ tại bưu cục",
    "GetReceipt": "cấp lại biên nhận",
    "GetJournalHead": "trao đổi đầu sổ",
    "CompareDigests": "đối soát theo mã tóm tắt; đối chiếu bằng bảng kê của tỉnh",
    "ListBucket": "liệt kê hồ sơ để đối soát; đối chiếu bằng bảng kê của tỉnh",
}
"""What the province lacks, and what is done instead."""


METHODS = {
    "procedures": "GetProcedures",
    "allocate_number": "AllocateNumber",
    "lookup_person": "LookupPerson",
    "lookup_reusable": "LookupReusableDocuments",
    "supplement": "SupplementDossier",
    "withdraw": "WithdrawDossier",
    "status_changes": "GetStatusChanges",
    "report_delivery": "ReportDelivery",
    "report_custody": "ReportCustody",
    "report_payments": "ReportPayments",
    "report_satisfaction": "ReportSatisfaction",
    "receipt": "GetReceipt",
    "journal_head": "GetJournalHead",
    "compare_digests": "CompareDigests",
    "list_bucket": "ListBucket",
    "list_payments": "ListBucket",
    "list_milestones": "ListBucket",
}
"""The operations of our contract that a province may lack, by the port's names."""


class NothingOffered:
    """Raises HandoffNotOffered for every operation of `agent.ports.ProvinceGateway` that may be lacking."""

    def not_offered(self, operation: str) -> NoReturn:
        """Say what is lacking and what is done instead; nothing was sent."""
        words = WORDS.get(operation, operation)
        raise HandoffNotOffered(f"Hệ thống của tỉnh này không có thao tác {words}.", error_code="NOT_OFFERED",
                                field=operation)  # fmt: skip

    def lookup_person(
        self, *, person_id: str, purpose: str, full_name: str = "", birth_date: str = "", residence: str = ""
    ) -> PersonMatch:
        """Not offered."""
        self.not_offered("LookupPerson")

    def lookup_reusable(self, *, owner_id: str, procedure: str) -> list[dict[str, Any]]:
        """Not offered."""
        self.not_offered("LookupReusableDocuments")

    def withdraw(self, *, key: str, digest: str, withdrawal: bytes) -> Receipt:
        """Not offered."""
        self.not_offered("WithdrawDossier")

    def report_custody(self, *, office: str, events: Sequence[CustodyMilestone]) -> CustodyReport:
        """Not offered."""
        self.not_offered("ReportCustody")

    def report_payments(self, *, key: str, digest: str, payments: bytes) -> Receipt:
        """Not offered."""
        self.not_offered("ReportPayments")

    def report_satisfaction(self, *, key: str, digest: str, satisfaction: bytes) -> Receipt:
        """Not offered."""
        self.not_offered("ReportSatisfaction")

    def receipt(self, key: str) -> Receipt | None:
        """Not offered."""
        self.not_offered("GetReceipt")

    def journal_head(self, *, office: str, ours: Sequence[JournalHead]) -> HeadExchange:
        """Not offered."""
        self.not_offered("GetJournalHead")

    def compare_digests(self, *, scope: str, digests: Sequence[BucketDigest]) -> list[BucketDigest]:
        """Not offered."""
        self.not_offered("CompareDigests")

    def list_bucket(self, bucket: str) -> list[LedgerRow]:
        """Not offered."""
        self.not_offered("ListBucket")

    def list_payments(self, bucket: str) -> list[PaymentRow]:
        """Not offered."""
        self.not_offered("ListBucket")

    def list_milestones(self, bucket: str) -> list[CustodyMilestone]:
        """Not offered."""
        self.not_offered("ListBucket")


class Limited:
    """A gateway of our contract to a province that lacks some of its operations."""

    def __init__(self, gateway: Any, without: Sequence[str]) -> None:
        self._gateway, self._without = gateway, frozenset(without)

    def offers(self, operation: str) -> bool:
        """Whether the profile leaves this operation in."""
        return operation not in self._without and bool(self._gateway.offers(operation))

    def __getattr__(self, name: str) -> Any:
        operation = METHODS.get(name, "")
        if operation in self._without:
            return lambda *_given, **_named: NothingOffered().not_offered(operation)
        return getattr(self._gateway, name)
