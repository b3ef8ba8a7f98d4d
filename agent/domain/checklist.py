"""What was handed in against the published list: complete, short, too much, or not to be asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from agent.domain.catalogue import HANDLING_NAME, Case, Handling, Requirement
from agent.domain.dossier import PaperForm
from agent.errors import Incomplete, RuleViolation


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A line of what the citizen hands in: a component in one form, how many, and what becomes of it.

    `handling` None takes the list's. `reused` names a paper already in the citizen's store that serves instead.
    """

    code: str
    form: PaperForm
    quantity: int = 1
    handling: Handling | None = None
    reused: str = ""


@dataclass(frozen=True, slots=True)
class Exemption:
    """A departure from the list, answered for by name (ngoại lệ).

    With `waives`, a mandatory component may be missing; without, a paper that is not on the list, or not in
    the listed form, is accepted because the citizen brings it.
    """

    code: str
    reason: str
    by: str
    waives: bool = True


class FindingKind(StrEnum):
    """What the checklist found of a component."""

    MISSING = "missing"
    SHORT = "short"
    EXCESS = "excess"
    NOT_LISTED = "not_listed"
    FORM_FORBIDDEN = "form_forbidden"
    HANDLING_FORBIDDEN = "handling_forbidden"
    WAIVED = "waived"


_BLOCKING = frozenset(
    {
        FindingKind.MISSING,
        FindingKind.SHORT,
        FindingKind.NOT_LISTED,
        FindingKind.FORM_FORBIDDEN,
        FindingKind.HANDLING_FORBIDDEN,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about one component, in Vietnamese."""

    kind: FindingKind
    code: str
    message: str

    @property
    def blocking(self) -> bool:
        """Whether the dossier cannot be received so."""
        return self.kind in _BLOCKING


@dataclass(frozen=True, slots=True)
class Verdict:
    """Everything that the checklist found, at once."""

    findings: tuple[Finding, ...]

    def of(self, *kinds: FindingKind) -> tuple[Finding, ...]:
        """The findings of these kinds."""
        return tuple(finding for finding in self.findings if finding.kind in kinds)

    @property
    def complete(self) -> bool:
        """Whether the dossier can be received."""
        return not any(finding.blocking for finding in self.findings)

    @property
    def gaps(self) -> tuple[Finding, ...]:
        """What is missing or too little: one request lists them all."""
        return self.of(FindingKind.MISSING, FindingKind.SHORT)

    @property
    def excess(self) -> tuple[Finding, ...]:
        """What is more than asked: offered back, never a reason to refuse."""
        return self.of(FindingKind.EXCESS)

    @property
    def forbidden(self) -> tuple[Finding, ...]:
        """What the desk may not ask for, take in that form, or treat so."""
        return self.of(FindingKind.NOT_LISTED, FindingKind.FORM_FORBIDDEN, FindingKind.HANDLING_FORBIDDEN)

    def require_complete(self) -> None:
        """Raise Incomplete with every gap and forbidden line when the dossier cannot be received."""
        blocking = [finding.message for finding in self.findings if finding.blocking]
        if blocking:
            raise Incomplete(f"Hồ sơ chưa nhận được, còn {len(blocking)} điểm: {' '.join(blocking)}", blocking)


def check(case: Case, handed_in: Iterable[HandedIn], exemptions: Iterable[Exemption] = ()) -> Verdict:
    """Compare what is handed in with the case's list; all findings at once, in the list's order.

    RuleViolation for an exemption without reason or name, or a quantity below one.
    """
    lines, exempt = list(handed_in), {exemption.code: exemption for exemption in exemptions}
    for exemption in exempt.values():
        if not exemption.reason.strip() or not exemption.by.strip():
            raise RuleViolation("Ngoại lệ phải ghi lý do và tên người quyết định. Ghi đủ rồi lưu lại.")
    if any(line.quantity < 1 for line in lines):
        raise RuleViolation("Số lượng giấy tờ phải từ 1 trở lên. Sửa số lượng hoặc bỏ dòng đó.")
    findings: list[Finding] = []
    for requirement in case.requirements:
        brought = [line for line in lines if line.code == requirement.code]
        findings += _judge(requirement, brought, exempt.get(requirement.code))
    listed = {requirement.code for requirement in case.requirements}
    for code in dict.fromkeys(line.code for line in lines if line.code not in listed):
        findings.append(_not_listed(code, exempt.get(code)))
    return Verdict(tuple(findings))


def _judge(requirement: Requirement, brought: list[HandedIn], exemption: Exemption | None) -> list[Finding]:
    if not brought:
        if not requirement.required:
            return []
        if exemption is not None and exemption.waives:
            return [_waived(requirement.code, requirement.name, exemption)]
        return [_find(FindingKind.MISSING, requirement, f"Thiếu {requirement.name}: cần {requirement.wanted}.")]
    findings = _forms(requirement, brought) + _handlings(requirement, brought)
    if exemption is not None and any(finding.kind is FindingKind.FORM_FORBIDDEN for finding in findings):
        findings = [finding for finding in findings if finding.kind is not FindingKind.FORM_FORBIDDEN]
        return [*findings, _waived(requirement.code, requirement.name, exemption)]
    return findings or _quantities(requirement, brought, exemption)


def _forms(requirement: Requirement, brought: list[HandedIn]) -> list[Finding]:
    electronic = any(line.form is PaperForm.ELECTRONIC and not line.reused for line in brought)
    if electronic and not requirement.electronic:
        message = f"{requirement.name}: không nhận bản điện tử, cần {requirement.wanted}."
        return [_find(FindingKind.FORM_FORBIDDEN, requirement, message)]
    return []


def _handlings(requirement: Requirement, brought: list[HandedIn]) -> list[Finding]:
    """A desk may treat a paper more gently than the list says, never keep or copy what is only shown."""
    severity = [Handling.SHOW_ONLY, Handling.COPY_RETURN, Handling.KEEP_FORWARD]
    for line in brought:
        if line.handling is None or line.form is PaperForm.ELECTRONIC:
            continue
        if severity.index(line.handling) > severity.index(requirement.handling):
            message = (
                f"{requirement.name}: {HANDLING_NAME[requirement.handling]}, không được {HANDLING_NAME[line.handling]}."
            )
            return [_find(FindingKind.HANDLING_FORBIDDEN, requirement, message)]
    return []


def _quantities(requirement: Requirement, brought: list[HandedIn], exemption: Exemption | None) -> list[Finding]:
    if any(line.form is PaperForm.ELECTRONIC or line.reused for line in brought):
        return []  # an electronic copy serves for any number of paper ones
    originals = sum(line.quantity for line in brought if line.form is PaperForm.ORIGINAL)
    copies = sum(line.quantity for line in brought if line.form is PaperForm.COPY)
    wanted = (
        max(requirement.original, requirement.copies)
        if requirement.either
        else requirement.original + requirement.copies
    )
    # an original serves where a copy is asked for: the desk copies it; a copy never serves for an original
    short = 0 if requirement.either else max(0, requirement.original - originals)
    short = max(short, (1 if requirement.either else wanted) - originals - copies)
    have = f"đã có {originals} bản chính, {copies} bản sao"
    if short > 0:
        if exemption is not None and exemption.waives:
            return [_waived(requirement.code, requirement.name, exemption)]
        message = f"{requirement.name}: cần {requirement.wanted}, {have}."
        return [_find(FindingKind.SHORT, requirement, message)]
    if originals + copies > wanted:
        message = f"{requirement.name}: chỉ cần {requirement.wanted}, {have}; trả lại phần thừa."
        return [_find(FindingKind.EXCESS, requirement, message)]
    return []


def _not_listed(code: str, exemption: Exemption | None) -> Finding:
    if exemption is not None:
        return _waived(code, code, exemption)
    message = f"Giấy tờ {code} không có trong danh mục: không được yêu cầu nộp. Trả lại, hoặc ghi ngoại lệ có lý do."
    return Finding(FindingKind.NOT_LISTED, code, message)


def _waived(code: str, name: str, exemption: Exemption) -> Finding:
    return Finding(
        FindingKind.WAIVED, code, f"{name}: ngoại lệ do {exemption.by} quyết định, lý do: {exemption.reason}."
    )


def _find(kind: FindingKind, requirement: Requirement, message: str) -> Finding:
    return Finding(kind, requirement.code, message)
