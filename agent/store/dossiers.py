"""The dossier (hồ sơ) aggregate: dossier, parties, components, fees, and the erasable personal rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peewee import BooleanField, IntegerField, TextField

from agent.domain.dossier import PaperForm, ReturnWay, Role, State
from agent.store.base import Model
from agent.store.fields import (
    BytesField,
    DateField,
    EnumField,
    JsonField,
    MoneyField,
    Reference,
    ShaField,
    UidField,
    UtcField,
)


class Subject(Model):
    """A person or organisation: personal data, erasable; the journal holds only a salted commitment."""

    uid = UidField(unique=True)
    kind = TextField()  # person | organisation
    name = TextField()
    id_type = TextField(default="")
    id_number = TextField(default="", index=True)
    birth_date = TextField(default="")
    sex = TextField(default="")
    address = TextField(default="")
    phone = TextField(default="")
    email = TextField(default="")
    salt = BytesField()
    erased_at = UtcField(null=True)


class Dossier(Model):
    """One dossier. `state` is the fold of its journal entries, cached in the same transaction."""

    uid = UidField(unique=True)
    office_id = TextField()
    terminal_id = TextField()
    provisional = TextField(unique=True)
    official = TextField(null=True, unique=True)
    procedure_code = TextField()
    procedure_version = IntegerField()
    procedure_name = TextField()
    case = TextField(default="")
    agency = TextField()
    channel = TextField()
    content = TextField(default="")
    state = EnumField(State)
    province_status = IntegerField(default=0)
    province_version = IntegerField(default=0)
    received_at = UtcField()
    postmark_at = UtcField(null=True)
    filed_at = UtcField(null=True)
    transfer_by = UtcField(null=True)
    due_at = UtcField(null=True)
    due_calculation = JsonField()
    return_way = EnumField(ReturnWay)
    public_token = TextField(unique=True)
    salt = BytesField()
    draft_uid = UidField(null=True, unique=True)
    label_scanned_at = UtcField(null=True)
    label_attempt = IntegerField(default=0)
    submission = IntegerField(default=0)  # how many payloads were frozen
    problem = TextField(default="")  # what the province said when it refused the hand-off
    created_by = TextField()
    updated_at = UtcField()
    closed_at = UtcField(null=True)

    class Meta:
        indexes = (
            (("office_id", "state", "id"), False),
            (("office_id", "state", "due_at"), False),
            (("office_id", "received_at"), False),
        )


class Party(Model):
    """Who stands for what in a dossier (chủ hồ sơ, người nộp, người ủy quyền)."""

    if TYPE_CHECKING:
        subject_id: int

    dossier = Reference(Dossier)
    role = EnumField(Role)
    subject = Reference(Subject)
    relation = TextField(default="")
    authorisation = TextField(default="")

    class Meta:
        indexes = ((("dossier", "role"), True),)


class Contact(Model):
    """Where the result goes and whom to call: personal data, erasable."""

    dossier = Reference(Dossier, unique=True)
    name = TextField(default="")
    phone = TextField(default="")
    email = TextField(default="")
    address = TextField(default="")


class Component(Model):
    """One line of the checklist (thành phần hồ sơ) as it was handed in; round 0 is the first intake."""

    uid = UidField(unique=True)
    dossier = Reference(Dossier)
    round = IntegerField(default=0)
    position = IntegerField()
    code = TextField()
    name = TextField()
    doc_type = TextField(default="")
    form = EnumField(PaperForm)
    quantity = IntegerField()
    handling = TextField()  # keep_forward | copy_return | show_only
    required = BooleanField()
    reused_from = TextField(default="")
    exception_reason = TextField(default="")
    exception_by = TextField(default="")
    original_returned_at = UtcField(null=True)

    class Meta:
        indexes = ((("dossier", "round", "position"), True),)


class Fee(Model):
    """One amount in one of three ledgers: state fee, freight, collected for others. Integer đồng."""

    dossier = Reference(Dossier)
    code = TextField()
    name = TextField()
    ledger = TextField()  # state | freight | collected
    amount = MoneyField()
    stage = TextField()  # receipt | supplement | return
    paid_at = UtcField(null=True)
    paid_by = TextField(default="")
    method = TextField(default="")  # cash | vietqr
    refunded_at = UtcField(null=True)
    refunded_by = TextField(default="")
    waived_at = UtcField(null=True)
    waived_by = TextField(default="")
    waived_reason = TextField(default="")  # with who decided; may tell of the citizen


class Supplement(Model):
    """One supplement round (yêu cầu bổ sung): all gaps in one request."""

    uid = UidField(unique=True)
    dossier = Reference(Dossier)
    round = IntegerField()
    state = TextField()  # asked | arrived | sent | acked
    requests = JsonField()  # [{"component", "name", "reason"}]
    asked_at = UtcField()
    due_on = DateField(null=True)
    key = TextField(default="")
    answered_at = UtcField(null=True)

    class Meta:
        indexes = ((("dossier", "round"), True),)


class Draft(Model):
    """An intake in the making: every change is kept, so that a power cut costs nothing."""

    uid = UidField(unique=True)
    office_id = TextField()
    terminal_id = TextField()
    username = TextField(index=True)
    body = JsonField()
    updated_at = UtcField()


class DailyNumber(Model):
    """The last number given for a name on a day."""

    name = TextField()
    day = DateField()
    last = IntegerField()

    class Meta:
        indexes = ((("name", "day"), True),)


class LedgerRow(Model):
    """What our ledger says of a dossier that the province acknowledged; the unit of reconciliation."""

    dossier = Reference(Dossier, unique=True)
    bucket = TextField(index=True)  # office|day
    office_id = TextField()
    key = TextField(unique=True)
    row = JsonField()
    digest = ShaField()
    changed_at = UtcField()
