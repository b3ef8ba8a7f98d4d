"""Who may do what: one table of roles and actions, and the scopes that an API token can be limited to."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """A user's role (vai trò)."""

    CLERK = "clerk"  # giao dịch viên
    SUPERVISOR = "supervisor"  # kiểm soát viên
    COURIER = "courier"  # bưu tá
    PROVINCE = "province"  # cán bộ tỉnh
    ADMINISTRATOR = "administrator"  # quản trị viên


class Action(StrEnum):
    """Something that a page, command or API call lets a person do."""

    GUIDE = "guide"  # look at procedures and checklists
    SEARCH = "search"  # find dossiers and items
    VIEW_DOSSIER = "view-dossier"  # read a citizen's data: always with an access log entry
    EXPORT_FILES = "export-files"  # take a dossier's signed files away: always with a purpose
    RECEIVE = "receive"
    DIGITISE = "digitise"
    SIGN = "sign"
    LABEL = "label"
    SEAL = "seal"
    HAND_OFF = "hand-off"
    SUPPLEMENT = "supplement"
    REFUSE = "refuse"
    COLLECT_FEE = "collect-fee"
    VOID = "void"  # take back with a reason: before hand-off here, later by asking the province
    CORRECT = "correct"  # after hand-off: pending until countersigned
    COUNTERSIGN = "countersign"
    COLLECT_RESULT = "collect-result"
    DELIVER_AT_COUNTER = "deliver-at-counter"
    MANAGE_BAGS = "manage-bags"  # bags and manifests
    VIEW_ROUND = "view-round"  # a courier's own list of items
    CARRY = "carry"  # custody scans, attempts, delivery, proof
    VIEW_RECONCILIATION = "view-reconciliation"
    REPAIR_DIFFERENCE = "repair-difference"
    SIGN_STATEMENT = "sign-statement"
    VIEW_REPORTS = "view-reports"
    VIEW_QUEUE = "view-queue"  # jobs, without personal data
    STEER_QUEUE = "steer-queue"  # retry, hold, release
    SET_UP_DEVICES = "set-up-devices"
    SETTLE_MONEY = "settle-money"  # second person for variances, reversals, write-offs
    HOLD_CASH = "hold-cash"  # one's own cash in hand, and handing it in
    VIEW_REMITTANCES = "view-remittances"  # what was handed to authorities; the province: to its own
    RUN_OFFICE = "run-office"  # the office's calendar, what it offers its citizens
    ANSWER_CITIZENS = "answer-citizens"  # promises about to break, feedback, surveys
    MANAGE_USERS = "manage-users"
    MANAGE_PHONES = "manage-phones"  # pair and shut out couriers' phones
    VIEW_ACCESS_LOG = "view-access-log"


_CLERK = frozenset(
    {
        Action.GUIDE, Action.SEARCH, Action.VIEW_DOSSIER, Action.RECEIVE, Action.DIGITISE, Action.SIGN, Action.LABEL,
        Action.SEAL, Action.HAND_OFF, Action.SUPPLEMENT, Action.REFUSE, Action.COLLECT_FEE, Action.VOID, Action.CORRECT,
        Action.COLLECT_RESULT, Action.DELIVER_AT_COUNTER, Action.MANAGE_BAGS, Action.VIEW_QUEUE, Action.HOLD_CASH,
        Action.VIEW_REMITTANCES, Action.ANSWER_CITIZENS,
    }
)  # fmt: skip

ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.CLERK: _CLERK,
    Role.SUPERVISOR: _CLERK
    | {
        Action.COUNTERSIGN, Action.VIEW_RECONCILIATION, Action.REPAIR_DIFFERENCE, Action.SIGN_STATEMENT,
        Action.VIEW_REPORTS, Action.STEER_QUEUE, Action.VIEW_ACCESS_LOG, Action.EXPORT_FILES, Action.SETTLE_MONEY,
        Action.RUN_OFFICE, Action.MANAGE_PHONES,
    },
    Role.COURIER: frozenset({Action.VIEW_ROUND, Action.CARRY, Action.HOLD_CASH}),
    Role.PROVINCE: frozenset(
        {
            Action.GUIDE, Action.SEARCH, Action.VIEW_DOSSIER, Action.COUNTERSIGN, Action.VIEW_RECONCILIATION,
            Action.REPAIR_DIFFERENCE, Action.SIGN_STATEMENT, Action.VIEW_REPORTS, Action.EXPORT_FILES,
            Action.VIEW_REMITTANCES,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Action.GUIDE, Action.VIEW_QUEUE, Action.STEER_QUEUE, Action.SET_UP_DEVICES, Action.MANAGE_USERS,
            Action.VIEW_ACCESS_LOG, Action.RUN_OFFICE, Action.MANAGE_PHONES,
        }
    ),
}  # fmt: skip

EVERYWHERE: frozenset[Role] = frozenset({Role.PROVINCE, Role.ADMINISTRATOR})

SCOPES: Mapping[str, frozenset[Action]] = {
    "dossiers:read": frozenset({Action.GUIDE, Action.SEARCH, Action.VIEW_DOSSIER}),
    "dossiers:write": _CLERK,
    "items:read": frozenset({Action.SEARCH, Action.VIEW_ROUND}),
    "items:write": frozenset({Action.VIEW_ROUND, Action.CARRY, Action.MANAGE_BAGS, Action.DELIVER_AT_COUNTER}),
    "reconciliation:read": frozenset({Action.VIEW_RECONCILIATION, Action.VIEW_REPORTS}),
    "all": frozenset(Action),
}


def may(role: Role, action: Action) -> bool:
    """Whether the role's work includes the action.

    >>> may(Role.CLERK, Action.RECEIVE), may(Role.ADMINISTRATOR, Action.VIEW_DOSSIER)
    (True, False)
    """
    return action in ALLOWED[role]


def sees_office(role: Role, own: str, other: str) -> bool:
    """Whether work of office `other` is visible: the own office's only, but for province and administrator.

    >>> sees_office(Role.CLERK, "BC-TAYHO", "BC-SONTAY"), sees_office(Role.PROVINCE, "TTHCC", "BC-SONTAY")
    (False, True)
    """
    return role in EVERYWHERE or own == other


def actions_of(scopes: frozenset[str]) -> frozenset[Action]:
    """All actions that a token with these scopes may ask for, before its user's role is applied."""
    return frozenset(action for scope in scopes for action in SCOPES.get(scope, frozenset()))
