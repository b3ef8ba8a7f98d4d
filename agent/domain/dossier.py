"""The life of a dossier (hồ sơ): its states, the steps between them, and the words for each."""

from __future__ import annotations

from enum import StrEnum

from agent.errors import IllegalStep


class State(StrEnum):
    """Where a dossier is, seen from the counter."""

    RECEIVED = "received"
    LABELLED = "labelled"
    DIGITISED = "digitised"
    SIGNED = "signed"
    SUBMITTED = "submitted"
    REJECTED = "rejected"
    HANDED_OFF = "handed_off"
    SUPPLEMENT_ASKED = "supplement_asked"
    SUPPLEMENT_SENT = "supplement_sent"
    WITHDRAWAL_ASKED = "withdrawal_asked"
    RESULT_READY = "result_ready"
    CLOSED = "closed"
    REFUSED = "refused"
    STOPPED = "stopped"
    VOIDED = "voided"


class Step(StrEnum):
    """What can be done to a dossier."""

    LABEL = "label"
    DIGITISE = "digitise"
    REOPEN = "reopen"
    SIGN = "sign"
    SUBMIT = "submit"
    ACKNOWLEDGE = "acknowledge"
    REJECT = "reject"
    ASK_SUPPLEMENT = "ask_supplement"
    SUPPLEMENT = "supplement"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    FINISH = "finish"
    DELIVER = "deliver"
    CLOSE = "close"
    REFUSE = "refuse"
    STOP = "stop"
    VOID = "void"


AT_PROVINCE = (State.HANDED_OFF, State.SUPPLEMENT_ASKED, State.SUPPLEMENT_SENT, State.WITHDRAWAL_ASKED)
BEFORE_HANDOFF = (State.RECEIVED, State.LABELLED, State.DIGITISED, State.SIGNED, State.REJECTED)
WITHDRAWABLE = (State.SUBMITTED, State.HANDED_OFF, State.SUPPLEMENT_ASKED, State.SUPPLEMENT_SENT)
ENDED = (State.CLOSED, State.REFUSED, State.STOPPED, State.VOIDED)

STEPS: dict[tuple[State, Step], State] = {
    (State.RECEIVED, Step.LABEL): State.LABELLED,
    (State.LABELLED, Step.DIGITISE): State.DIGITISED,
    (State.DIGITISED, Step.DIGITISE): State.DIGITISED,
    (State.REJECTED, Step.DIGITISE): State.DIGITISED,
    (State.DIGITISED, Step.SIGN): State.SIGNED,
    **{(state, Step.REOPEN): State.DIGITISED for state in (State.DIGITISED, State.SIGNED, State.REJECTED)},
    (State.SIGNED, Step.SUBMIT): State.SUBMITTED,
    (State.REJECTED, Step.SUBMIT): State.SUBMITTED,
    (State.SUBMITTED, Step.ACKNOWLEDGE): State.HANDED_OFF,
    (State.SUBMITTED, Step.REJECT): State.REJECTED,
    (State.HANDED_OFF, Step.ASK_SUPPLEMENT): State.SUPPLEMENT_ASKED,
    (State.SUPPLEMENT_ASKED, Step.SUPPLEMENT): State.SUPPLEMENT_SENT,
    (State.SUPPLEMENT_ASKED, Step.RESUME): State.HANDED_OFF,
    (State.SUPPLEMENT_SENT, Step.ACKNOWLEDGE): State.HANDED_OFF,
    (State.SUPPLEMENT_SENT, Step.REJECT): State.SUPPLEMENT_ASKED,
    (State.HANDED_OFF, Step.WITHDRAW): State.WITHDRAWAL_ASKED,
    (State.SUPPLEMENT_ASKED, Step.WITHDRAW): State.WITHDRAWAL_ASKED,
    (State.WITHDRAWAL_ASKED, Step.RESUME): State.HANDED_OFF,
    (State.WITHDRAWAL_ASKED, Step.ASK_SUPPLEMENT): State.SUPPLEMENT_ASKED,
    (State.RESULT_READY, Step.DELIVER): State.RESULT_READY,
    (State.RESULT_READY, Step.CLOSE): State.CLOSED,
    (State.CLOSED, Step.FINISH): State.RESULT_READY,
    **{(state, Step.FINISH): State.RESULT_READY for state in AT_PROVINCE},
    **{(state, Step.REFUSE): State.REFUSED for state in AT_PROVINCE},
    **{(state, Step.STOP): State.STOPPED for state in AT_PROVINCE},
    **{(state, Step.VOID): State.VOIDED for state in BEFORE_HANDOFF},
}

WORDS: dict[State, str] = {
    State.RECEIVED: "đã nhận, chờ dán nhãn",
    State.LABELLED: "đã dán nhãn, chờ số hóa",
    State.DIGITISED: "đã số hóa, chờ ký",
    State.SIGNED: "đã ký, chờ gửi tỉnh",
    State.SUBMITTED: "đang gửi tỉnh",
    State.REJECTED: "tỉnh chưa nhận, cần sửa",
    State.HANDED_OFF: "tỉnh đã tiếp nhận",
    State.SUPPLEMENT_ASKED: "tỉnh yêu cầu bổ sung",
    State.SUPPLEMENT_SENT: "đã gửi bổ sung, chờ tỉnh nhận",
    State.WITHDRAWAL_ASKED: "công dân xin rút, chờ tỉnh quyết định",
    State.RESULT_READY: "đã có kết quả",
    State.CLOSED: "đã trả kết quả",
    State.REFUSED: "tỉnh từ chối giải quyết",
    State.STOPPED: "đã dừng giải quyết",
    State.VOIDED: "đã hủy tại quầy",
}


def allowed(state: State) -> list[Step]:
    """The steps that are legal in `state`, in the order of the table."""
    return [step for at, step in STEPS if at is state]


def advance(state: State, step: Step) -> State:
    """Return the state a dossier reaches when `step` is done in `state`.

    >>> advance(State.RECEIVED, Step.LABEL)
    <State.LABELLED: 'labelled'>
    """
    try:
        return STEPS[state, step]
    except KeyError:
        raise IllegalStep(WORDS[state], step, allowed=allowed(state)) from None


class Role(StrEnum):
    """Whom a party stands for: owner (chủ hồ sơ), submitter (người nộp), representative (người ủy quyền)."""

    OWNER = "owner"
    SUBMITTER = "submitter"
    REPRESENTATIVE = "representative"


class ReturnWay(StrEnum):
    """How a result comes back."""

    COURIER = "courier"
    COUNTER = "counter"
    ELECTRONIC = "electronic"


class PaperForm(StrEnum):
    """What was handed in: an original, a copy or an electronic file."""

    ORIGINAL = "original"
    COPY = "copy"
    ELECTRONIC = "electronic"
