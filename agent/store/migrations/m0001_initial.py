"""The first schema, made by agent.store.migrations.draft and frozen with the first release."""

# fmt: off

SQLITE = (
    (
        'CREATE TABLE "access_log" ("id" INTEGER NOT NULL PRIMARY KEY, "at" TEXT NOT NULL, "actor" TEXT '
        'NOT NULL, "office_id" TEXT NOT NULL, "dossier_uid" BLOB, "purpose" TEXT NOT NULL, "what" TEXT NOT NULL)'
    ),
    'CREATE INDEX "access_log_at" ON "access_log" ("at")',
    'CREATE INDEX "access_log_actor" ON "access_log" ("actor")',
    'CREATE INDEX "access_log_office_id" ON "access_log" ("office_id")',
    'CREATE INDEX "access_log_dossier_uid" ON "access_log" ("dossier_uid")',
    (
        'CREATE TABLE "users" ("id" INTEGER NOT NULL PRIMARY KEY, "username" TEXT NOT NULL, "full_name" '
        'TEXT NOT NULL, "role" TEXT NOT NULL, "office_id" TEXT NOT NULL, "password_hash" TEXT NOT NULL, '
        '"active" INTEGER NOT NULL, "created_at" TEXT NOT NULL, "failed_count" INTEGER NOT NULL, '
        '"locked_until" TEXT)'
    ),
    'CREATE UNIQUE INDEX "users_username" ON "users" ("username")',
    'CREATE INDEX "users_office_id" ON "users" ("office_id")',
    (
        'CREATE TABLE "api_client" ("id" INTEGER NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "token_sha256" '
        'TEXT NOT NULL, "scopes" TEXT NOT NULL, "office_id" TEXT NOT NULL, "user_id" INTEGER NOT NULL, '
        '"created_at" TEXT NOT NULL, "revoked_at" TEXT, FOREIGN KEY ("user_id") REFERENCES "users" ("id") '
        "ON DELETE CASCADE)"
    ),
    'CREATE UNIQUE INDEX "api_client_token_sha256" ON "api_client" ("token_sha256")',
    'CREATE INDEX "api_client_user_id" ON "api_client" ("user_id")',
    (
        'CREATE TABLE "dossier" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "office_id" TEXT '
        'NOT NULL, "terminal_id" TEXT NOT NULL, "provisional" TEXT NOT NULL, "official" TEXT, '
        '"procedure_code" TEXT NOT NULL, "procedure_version" INTEGER NOT NULL, "procedure_name" TEXT NOT '
        'NULL, "case" TEXT NOT NULL, "agency" TEXT NOT NULL, "channel" TEXT NOT NULL, "content" TEXT NOT '
        'NULL, "state" TEXT NOT NULL, "province_status" INTEGER NOT NULL, "province_version" INTEGER NOT '
        'NULL, "received_at" TEXT NOT NULL, "postmark_at" TEXT, "filed_at" TEXT, "transfer_by" TEXT, '
        '"due_at" TEXT, "due_calculation" TEXT NOT NULL, "return_way" TEXT NOT NULL, "public_token" TEXT '
        'NOT NULL, "salt" BLOB NOT NULL, "draft_uid" BLOB, "label_scanned_at" TEXT, "label_attempt" INTEGER '
        'NOT NULL, "submission" INTEGER NOT NULL, "problem" TEXT NOT NULL, "created_by" TEXT NOT NULL, '
        '"updated_at" TEXT NOT NULL, "closed_at" TEXT)'
    ),
    'CREATE UNIQUE INDEX "dossier_uid" ON "dossier" ("uid")',
    'CREATE UNIQUE INDEX "dossier_provisional" ON "dossier" ("provisional")',
    'CREATE UNIQUE INDEX "dossier_official" ON "dossier" ("official")',
    'CREATE UNIQUE INDEX "dossier_public_token" ON "dossier" ("public_token")',
    'CREATE UNIQUE INDEX "dossier_draft_uid" ON "dossier" ("draft_uid")',
    'CREATE INDEX "dossier_office_id_state_id" ON "dossier" ("office_id", "state", "id")',
    'CREATE INDEX "dossier_office_id_state_due_at" ON "dossier" ("office_id", "state", "due_at")',
    'CREATE INDEX "dossier_office_id_received_at" ON "dossier" ("office_id", "received_at")',
    (
        'CREATE TABLE "item" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "number" TEXT NOT '
        'NULL, "dossier_id" INTEGER NOT NULL, "office_id" TEXT NOT NULL, "state" TEXT NOT NULL, "holder" '
        'TEXT NOT NULL, "offered_to" TEXT NOT NULL, "attempts" INTEGER NOT NULL, "collect" INTEGER NOT NULL, '
        '"created_at" TEXT NOT NULL, "updated_at" TEXT NOT NULL, "bag" TEXT NOT NULL, "counted" INTEGER NOT '
        'NULL, "held_since" TEXT, "held_by" BLOB, "offered_at" TEXT, "last_event" BLOB, "events" INTEGER '
        'NOT NULL, "conflicts" INTEGER NOT NULL, "pending" INTEGER NOT NULL, FOREIGN KEY ("dossier_id") '
        'REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "item_uid" ON "item" ("uid")',
    'CREATE UNIQUE INDEX "item_number" ON "item" ("number")',
    'CREATE INDEX "item_dossier_id" ON "item" ("dossier_id")',
    'CREATE INDEX "item_bag" ON "item" ("bag")',
    'CREATE INDEX "item_office_id_state" ON "item" ("office_id", "state")',
    'CREATE INDEX "item_holder_state" ON "item" ("holder", "state")',
    (
        'CREATE INDEX "item_office_id_holder_state_held_since" ON "item" ("office_id", "holder", '
        '"state", "held_since")'
    ),
    (
        'CREATE TABLE "authorisation" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "item_id" '
        'INTEGER NOT NULL, "kind" TEXT NOT NULL, "number" TEXT NOT NULL, "signed_on" TEXT NOT NULL, '
        '"valid_until" TEXT, "proxy" TEXT NOT NULL, "identity_last4" TEXT NOT NULL, "photo_sha256" TEXT, '
        '"kept_by" TEXT NOT NULL, "at" TEXT NOT NULL, "withdrawn_at" TEXT, FOREIGN KEY ("item_id") '
        'REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "authorisation_uid" ON "authorisation" ("uid")',
    'CREATE INDEX "authorisation_item_id" ON "authorisation" ("item_id")',
    'CREATE INDEX "authorisation_photo_sha256" ON "authorisation" ("photo_sha256")',
    (
        'CREATE TABLE "awaited_report" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, '
        '"kind" TEXT NOT NULL, "error" TEXT NOT NULL, "retry_at" TEXT, FOREIGN KEY ("dossier_id") '
        'REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "awaited_report_dossier_id" ON "awaited_report" ("dossier_id")',
    'CREATE UNIQUE INDEX "awaited_report_dossier_id_kind" ON "awaited_report" ("dossier_id", "kind")',
    (
        'CREATE TABLE "parcel" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "number" TEXT NOT '
        'NULL, "kind" TEXT NOT NULL, "way" TEXT NOT NULL, "office_id" TEXT NOT NULL, "agency" TEXT NOT '
        'NULL, "dossier_id" INTEGER, "papers" INTEGER NOT NULL, "state" TEXT NOT NULL, "holder" TEXT NOT '
        'NULL, "offered_to" TEXT NOT NULL, "bag" TEXT NOT NULL, "seal" TEXT NOT NULL, "seal_state" TEXT '
        'NOT NULL, "closed_at" TEXT, "done_at" TEXT, "created_at" TEXT NOT NULL, "updated_at" TEXT NOT '
        'NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "parcel_uid" ON "parcel" ("uid")',
    'CREATE UNIQUE INDEX "parcel_number" ON "parcel" ("number")',
    'CREATE INDEX "parcel_dossier_id" ON "parcel" ("dossier_id")',
    'CREATE INDEX "parcel_office_id_kind_way_done_at" ON "parcel" ("office_id", "kind", "way", "done_at")',
    'CREATE INDEX "parcel_holder_done_at" ON "parcel" ("holder", "done_at")',
    'CREATE INDEX "parcel_dossier_id_way" ON "parcel" ("dossier_id", "way")',
    (
        'CREATE TABLE "bag_line" ("id" INTEGER NOT NULL PRIMARY KEY, "bag_id" INTEGER NOT NULL, "number" '
        'TEXT NOT NULL, "inside" TEXT, "item_id" INTEGER, "parcel_id" INTEGER, "put_at" TEXT NOT NULL, '
        '"put_by" TEXT NOT NULL, "out_at" TEXT, "out_by" TEXT NOT NULL, FOREIGN KEY ("bag_id") '
        'REFERENCES "parcel" ("id") ON DELETE RESTRICT, FOREIGN KEY ("item_id") REFERENCES "item" ("id") '
        'ON DELETE RESTRICT, FOREIGN KEY ("parcel_id") REFERENCES "parcel" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "bag_line_bag_id" ON "bag_line" ("bag_id")',
    'CREATE UNIQUE INDEX "bag_line_inside" ON "bag_line" ("inside")',
    'CREATE INDEX "bag_line_item_id" ON "bag_line" ("item_id")',
    'CREATE INDEX "bag_line_parcel_id" ON "bag_line" ("parcel_id")',
    (
        'CREATE TABLE "bank_line" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" BLOB NOT NULL, "fingerprint" TEXT NOT NULL, "account" TEXT NOT '
        'NULL, "reference" TEXT NOT NULL, "on" TEXT NOT NULL, "amount" INTEGER NOT NULL, "description" TEXT '
        'NOT NULL, "purpose" TEXT NOT NULL, "dossier_id" INTEGER, "verdict" TEXT NOT NULL, "state" TEXT '
        'NOT NULL, "booked" TEXT NOT NULL, "repair" TEXT NOT NULL, "repaired_by" TEXT NOT NULL, '
        '"repaired_at" TEXT, "imported_at" TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" '
        '("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "bank_line_uid" ON "bank_line" ("uid")',
    'CREATE UNIQUE INDEX "bank_line_fingerprint" ON "bank_line" ("fingerprint")',
    'CREATE INDEX "bank_line_reference" ON "bank_line" ("reference")',
    'CREATE INDEX "bank_line_dossier_id" ON "bank_line" ("dossier_id")',
    'CREATE INDEX "bank_line_office_id_state" ON "bank_line" ("office_id", "state")',
    (
        'CREATE TABLE "bucket_sum" ("id" INTEGER NOT NULL PRIMARY KEY, "bucket" TEXT NOT NULL, "office_id" '
        'TEXT NOT NULL, "count" INTEGER NOT NULL, "digest" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "bucket_sum_bucket" ON "bucket_sum" ("bucket")',
    'CREATE INDEX "bucket_sum_office_id" ON "bucket_sum" ("office_id")',
    (
        'CREATE TABLE "calendar_entry" ("id" INTEGER NOT NULL PRIMARY KEY, "entry" BLOB NOT NULL, '
        '"office_id" TEXT NOT NULL, "day" TEXT NOT NULL, "kind" TEXT NOT NULL, "state" TEXT NOT NULL, '
        '"body" TEXT NOT NULL, "why" TEXT NOT NULL, "step" TEXT NOT NULL, "by" TEXT NOT NULL, "at" TEXT NOT NULL)'
    ),
    'CREATE INDEX "calendar_entry_entry" ON "calendar_entry" ("entry")',
    'CREATE INDEX "calendar_entry_office_id_day" ON "calendar_entry" ("office_id", "day")',
    (
        'CREATE TABLE "cash_deposit" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" BLOB NOT NULL, "giver" TEXT NOT NULL, "account" TEXT NOT NULL, '
        '"holder" TEXT NOT NULL, "declared" INTEGER NOT NULL, "parts" TEXT NOT NULL, "float_part" INTEGER '
        'NOT NULL, "declared_at" TEXT NOT NULL, "state" TEXT NOT NULL, "receiver" TEXT NOT NULL, "counts" '
        'TEXT, "counted" INTEGER, "counted_at" TEXT)'
    ),
    'CREATE UNIQUE INDEX "cash_deposit_uid" ON "cash_deposit" ("uid")',
    'CREATE INDEX "cash_deposit_giver" ON "cash_deposit" ("giver")',
    'CREATE INDEX "cash_deposit_office_id_state" ON "cash_deposit" ("office_id", "state")',
    (
        'CREATE TABLE "cash_seen" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "username" TEXT NOT NULL, "account" TEXT NOT NULL, "holder" TEXT NOT '
        'NULL, "entry" INTEGER NOT NULL, "at" TEXT NOT NULL)'
    ),
    'CREATE INDEX "cash_seen_username_account_holder" ON "cash_seen" ("username", "account", "holder")',
    (
        'CREATE TABLE "cash_variance" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" BLOB NOT NULL, "kind" TEXT NOT NULL, "subject" BLOB NOT NULL, '
        '"maker" TEXT NOT NULL, "counter" TEXT NOT NULL, "amount" INTEGER NOT NULL, "found_at" TEXT NOT '
        'NULL, "state" TEXT NOT NULL, "explanation" TEXT NOT NULL, "remedy" TEXT NOT NULL, "explained_by" '
        'TEXT NOT NULL, "explained_at" TEXT, "answer" TEXT NOT NULL, "countersigned_by" TEXT NOT NULL, '
        '"countersigned_at" TEXT, "paid_at" TEXT)'
    ),
    'CREATE UNIQUE INDEX "cash_variance_uid" ON "cash_variance" ("uid")',
    'CREATE INDEX "cash_variance_office_id_state" ON "cash_variance" ("office_id", "state")',
    'CREATE UNIQUE INDEX "cash_variance_kind_subject" ON "cash_variance" ("kind", "subject")',
    (
        'CREATE TABLE "catalogue_edition" ("id" INTEGER NOT NULL PRIMARY KEY, "sha256" TEXT NOT NULL, '
        '"text" TEXT NOT NULL, "loaded_at" TEXT NOT NULL, "loaded_by" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "catalogue_edition_sha256" ON "catalogue_edition" ("sha256")',
    (
        'CREATE TABLE "citizen_task" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "dossier_id" '
        'INTEGER NOT NULL, "office_id" TEXT NOT NULL, "kind" TEXT NOT NULL, "version" INTEGER NOT NULL, '
        '"facts" TEXT NOT NULL, "raised_at" TEXT NOT NULL, "until" TEXT, "done_at" TEXT, "done_by" TEXT '
        'NOT NULL, "way" TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "citizen_task_uid" ON "citizen_task" ("uid")',
    'CREATE INDEX "citizen_task_dossier_id" ON "citizen_task" ("dossier_id")',
    (
        'CREATE UNIQUE INDEX "citizen_task_dossier_id_kind_version" ON "citizen_task" ("dossier_id", '
        '"kind", "version")'
    ),
    'CREATE INDEX "citizen_task_office_id_done_at_id" ON "citizen_task" ("office_id", "done_at", "id")',
    (
        'CREATE TABLE "claim" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, "terminal_id" '
        'TEXT NOT NULL, "uid" BLOB NOT NULL, "number" TEXT NOT NULL, "item_id" INTEGER NOT NULL, "kind" '
        'TEXT NOT NULL, "state" TEXT NOT NULL, "rules" TEXT NOT NULL, "complainant" TEXT NOT NULL, '
        '"contact" TEXT NOT NULL, "complained_on" TEXT NOT NULL, "transit_ended_on" TEXT NOT NULL, '
        '"in_province" INTEGER NOT NULL, "has_receipt" INTEGER NOT NULL, "freight" INTEGER NOT NULL, '
        '"damage" INTEGER NOT NULL, "reissue" INTEGER NOT NULL, "liability" INTEGER NOT NULL, "complain_by" '
        'TEXT NOT NULL, "answer_by" TEXT NOT NULL, "pay_by" TEXT, "answered_at" TEXT, "minutes_at" TEXT, '
        '"paid_at" TEXT, "closed_at" TEXT, "owner" TEXT NOT NULL, "next_by" TEXT, "opened_by" TEXT NOT '
        'NULL, "opened_at" TEXT NOT NULL, FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "claim_uid" ON "claim" ("uid")',
    'CREATE INDEX "claim_item_id" ON "claim" ("item_id")',
    'CREATE UNIQUE INDEX "claim_office_id_number" ON "claim" ("office_id", "number")',
    'CREATE INDEX "claim_office_id_closed_at_next_by" ON "claim" ("office_id", "closed_at", "next_by")',
    (
        'CREATE TABLE "claim_entry" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "claim_id" '
        'INTEGER NOT NULL, "kind" TEXT NOT NULL, "words" TEXT NOT NULL, "quantity" INTEGER NOT NULL, '
        '"amount" INTEGER NOT NULL, "detail" TEXT NOT NULL, "by" TEXT NOT NULL, "at" TEXT NOT NULL, '
        'FOREIGN KEY ("claim_id") REFERENCES "claim" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "claim_entry_uid" ON "claim_entry" ("uid")',
    'CREATE INDEX "claim_entry_claim_id" ON "claim_entry" ("claim_id")',
    (
        'CREATE TABLE "component" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "dossier_id" '
        'INTEGER NOT NULL, "round" INTEGER NOT NULL, "position" INTEGER NOT NULL, "code" TEXT NOT NULL, '
        '"name" TEXT NOT NULL, "doc_type" TEXT NOT NULL, "form" TEXT NOT NULL, "quantity" INTEGER NOT '
        'NULL, "handling" TEXT NOT NULL, "required" INTEGER NOT NULL, "reused_from" TEXT NOT NULL, '
        '"exception_reason" TEXT NOT NULL, "exception_by" TEXT NOT NULL, "original_returned_at" TEXT, FOREIGN '
        'KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "component_uid" ON "component" ("uid")',
    'CREATE INDEX "component_dossier_id" ON "component" ("dossier_id")',
    (
        'CREATE UNIQUE INDEX "component_dossier_id_round_position" ON "component" ("dossier_id", "round", '
        '"position")'
    ),
    (
        'CREATE TABLE "contact" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, "name" '
        'TEXT NOT NULL, "phone" TEXT NOT NULL, "email" TEXT NOT NULL, "address" TEXT NOT NULL, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "contact_dossier_id" ON "contact" ("dossier_id")',
    (
        'CREATE TABLE "custody_conflict" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, '
        '"office_id" TEXT NOT NULL, "item_id" INTEGER NOT NULL, "kind" TEXT NOT NULL, "stands" BLOB, '
        '"disputes" BLOB NOT NULL, "words" TEXT NOT NULL, "raised_at" TEXT NOT NULL, "decided_at" TEXT, '
        '"decided_by" TEXT NOT NULL, "decision" TEXT NOT NULL, FOREIGN KEY ("item_id") REFERENCES "item" '
        '("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "custody_conflict_uid" ON "custody_conflict" ("uid")',
    'CREATE INDEX "custody_conflict_item_id" ON "custody_conflict" ("item_id")',
    'CREATE INDEX "custody_conflict_office_id_decided_at" ON "custody_conflict" ("office_id", "decided_at")',
    'CREATE INDEX "custody_conflict_disputes" ON "custody_conflict" ("disputes")',
    (
        'CREATE TABLE "custody_event" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "item_id" '
        'INTEGER NOT NULL, "step" TEXT NOT NULL, "from_holder" TEXT NOT NULL, "to_holder" TEXT NOT NULL, '
        '"occurred_at" TEXT NOT NULL, "recorded_at" TEXT NOT NULL, "actor" TEXT NOT NULL, "device" TEXT NOT '
        'NULL, "device_seq" INTEGER, "parent" BLOB, "capture" TEXT NOT NULL, "reason" TEXT NOT NULL, '
        '"action" TEXT NOT NULL, "upu_code" TEXT NOT NULL, "bag" TEXT NOT NULL, "note" TEXT NOT NULL, '
        '"evidence" TEXT NOT NULL, "place" INTEGER NOT NULL, "corrects" BLOB, "countersigned_by" TEXT NOT '
        'NULL, "declined" INTEGER NOT NULL, "uncertain_ms" INTEGER NOT NULL, "origin" BLOB, FOREIGN KEY '
        '("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "custody_event_uid" ON "custody_event" ("uid")',
    'CREATE INDEX "custody_event_item_id" ON "custody_event" ("item_id")',
    'CREATE INDEX "custody_event_item_id_place" ON "custody_event" ("item_id", "place")',
    (
        'CREATE TABLE "daily_number" ("id" INTEGER NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "day" TEXT '
        'NOT NULL, "last" INTEGER NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "daily_number_name_day" ON "daily_number" ("name", "day")',
    (
        'CREATE TABLE "route" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "office_id" TEXT '
        'NOT NULL, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "courier" TEXT NOT NULL, "areas" TEXT NOT '
        'NULL, "active" INTEGER NOT NULL, "changed_by" TEXT NOT NULL, "changed_at" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "route_uid" ON "route" ("uid")',
    'CREATE UNIQUE INDEX "route_office_id_code" ON "route" ("office_id", "code")',
    (
        'CREATE TABLE "delivery_list" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" BLOB NOT NULL, "number" TEXT NOT NULL, "day" TEXT NOT NULL, '
        '"courier" TEXT NOT NULL, "route_id" INTEGER, "state" TEXT NOT NULL, "made_by" TEXT NOT NULL, '
        '"made_at" TEXT NOT NULL, "offered_at" TEXT, "closed_at" TEXT, "closed_by" TEXT NOT NULL, FOREIGN '
        'KEY ("route_id") REFERENCES "route" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "delivery_list_uid" ON "delivery_list" ("uid")',
    'CREATE INDEX "delivery_list_route_id" ON "delivery_list" ("route_id")',
    'CREATE UNIQUE INDEX "delivery_list_office_id_number" ON "delivery_list" ("office_id", "number")',
    'CREATE INDEX "delivery_list_office_id_state_day" ON "delivery_list" ("office_id", "state", "day")',
    (
        'CREATE TABLE "device_event" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "phone_uid" '
        'BLOB NOT NULL, "seq" INTEGER NOT NULL, "previous" TEXT NOT NULL, "hash" TEXT NOT NULL, "office_id" '
        'TEXT NOT NULL, "courier" TEXT NOT NULL, "received_at" TEXT NOT NULL, "claimed_at" TEXT, '
        '"corrected_at" TEXT, "uncertain_ms" INTEGER NOT NULL, "monotonic_ms" INTEGER NOT NULL, "boot" '
        'BLOB, "offset_ms" INTEGER, "step" TEXT NOT NULL, "item_id" INTEGER, "number" TEXT NOT NULL, '
        '"parent" BLOB, "verdict" TEXT NOT NULL, "code" TEXT NOT NULL, "message" TEXT NOT NULL, "awaits" '
        'TEXT NOT NULL, "broken" INTEGER NOT NULL, "decided_at" TEXT, "body" TEXT NOT NULL, FOREIGN KEY '
        '("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "device_event_item_id" ON "device_event" ("item_id")',
    'CREATE UNIQUE INDEX "device_event_uid_hash" ON "device_event" ("uid", "hash")',
    'CREATE INDEX "device_event_phone_uid_seq" ON "device_event" ("phone_uid", "seq")',
    'CREATE INDEX "device_event_item_id_verdict" ON "device_event" ("item_id", "verdict")',
    'CREATE INDEX "device_event_office_id_verdict" ON "device_event" ("office_id", "verdict")',
    'CREATE INDEX "device_event_awaits" ON "device_event" ("awaits")',
    (
        'CREATE TABLE "device_setup" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "name" TEXT NOT NULL, "role" TEXT, "line" TEXT, "known_as" TEXT '
        'NOT NULL, "known_at" TEXT NOT NULL, "trace_until" TEXT, "changed_at" TEXT NOT NULL, "changed_by" '
        "TEXT NOT NULL)"
    ),
    'CREATE UNIQUE INDEX "device_setup_terminal_id_name" ON "device_setup" ("terminal_id", "name")',
    (
        'CREATE TABLE "device_status" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "name" TEXT NOT NULL, "role" TEXT NOT NULL, "kind" TEXT NOT NULL, '
        '"address" TEXT NOT NULL, "language" TEXT NOT NULL, "identity" TEXT NOT NULL, "connected" INTEGER '
        'NOT NULL, "ready" INTEGER, "words" TEXT NOT NULL, "said_at" TEXT, "changed_at" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "device_status_terminal_id_name" ON "device_status" ("terminal_id", "name")',
    (
        'CREATE TABLE "reconciliation_run" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, '
        '"office_id" TEXT NOT NULL, "at" TEXT NOT NULL, "day" TEXT NOT NULL, "compared" INTEGER NOT NULL, '
        '"in_flight" INTEGER NOT NULL, "differences" INTEGER NOT NULL, "exchanged" INTEGER NOT NULL, "trips" '
        "INTEGER NOT NULL)"
    ),
    'CREATE UNIQUE INDEX "reconciliation_run_uid" ON "reconciliation_run" ("uid")',
    (
        'CREATE TABLE "difference" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "run_id" '
        'INTEGER NOT NULL, "office_id" TEXT NOT NULL, "bucket" TEXT NOT NULL, "key" TEXT NOT NULL, "number" '
        'TEXT NOT NULL, "kind" TEXT NOT NULL, "owner" TEXT NOT NULL, "ours" TEXT NOT NULL, "theirs" TEXT '
        'NOT NULL, "explanation" TEXT NOT NULL, "found_at" TEXT NOT NULL, "closed_at" TEXT, "closed_by" '
        'TEXT NOT NULL, "repair" TEXT NOT NULL, "reason" TEXT NOT NULL, "value" TEXT, FOREIGN KEY '
        '("run_id") REFERENCES "reconciliation_run" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "difference_uid" ON "difference" ("uid")',
    'CREATE INDEX "difference_run_id" ON "difference" ("run_id")',
    'CREATE INDEX "difference_office_id_closed_at" ON "difference" ("office_id", "closed_at")',
    'CREATE INDEX "difference_key_kind" ON "difference" ("key", "kind")',
    (
        'CREATE TABLE "dossier_hold" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, '
        '"reason" TEXT NOT NULL, "by" TEXT NOT NULL, "at" TEXT NOT NULL, "released_at" TEXT, "released_by" '
        'TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "dossier_hold_dossier_id" ON "dossier_hold" ("dossier_id")',
    (
        'CREATE TABLE "draft" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "office_id" TEXT NOT '
        'NULL, "terminal_id" TEXT NOT NULL, "username" TEXT NOT NULL, "body" TEXT NOT NULL, "updated_at" '
        "TEXT NOT NULL)"
    ),
    'CREATE UNIQUE INDEX "draft_uid" ON "draft" ("uid")',
    'CREATE INDEX "draft_username" ON "draft" ("username")',
    (
        'CREATE TABLE "erased_object" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, '
        '"sha256" TEXT NOT NULL, "terminal_id" TEXT NOT NULL, "at" TEXT NOT NULL, "done_at" TEXT, FOREIGN '
        'KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "erased_object_dossier_id" ON "erased_object" ("dossier_id")',
    'CREATE INDEX "erased_object_sha256" ON "erased_object" ("sha256")',
    (
        'CREATE UNIQUE INDEX "erased_object_dossier_id_sha256_terminal_id" ON "erased_object" '
        '("dossier_id", "sha256", "terminal_id")'
    ),
    'CREATE INDEX "erased_object_terminal_id_done_at" ON "erased_object" ("terminal_id", "done_at")',
    (
        'CREATE TABLE "extraction_run" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, '
        '"component_id" INTEGER NOT NULL, "mark" TEXT NOT NULL, "kind" TEXT NOT NULL, "unread" INTEGER NOT '
        'NULL, "at" TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE '
        'RESTRICT, FOREIGN KEY ("component_id") REFERENCES "component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "extraction_run_dossier_id" ON "extraction_run" ("dossier_id")',
    'CREATE UNIQUE INDEX "extraction_run_component_id" ON "extraction_run" ("component_id")',
    (
        'CREATE TABLE "fee" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, "code" TEXT '
        'NOT NULL, "name" TEXT NOT NULL, "ledger" TEXT NOT NULL, "amount" INTEGER NOT NULL, "stage" TEXT '
        'NOT NULL, "paid_at" TEXT, "paid_by" TEXT NOT NULL, "method" TEXT NOT NULL, "refunded_at" TEXT, '
        '"refunded_by" TEXT NOT NULL, "waived_at" TEXT, "waived_by" TEXT NOT NULL, "waived_reason" TEXT NOT '
        'NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "fee_dossier_id" ON "fee" ("dossier_id")',
    (
        'CREATE TABLE "feed" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, "terminal_id" '
        'TEXT NOT NULL, "uid" BLOB NOT NULL, "counted" INTEGER, "difference" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "feed_uid" ON "feed" ("uid")',
    (
        'CREATE TABLE "feedback" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "dossier_id" '
        'INTEGER NOT NULL, "office_id" TEXT NOT NULL, "kind" TEXT NOT NULL, "words" TEXT NOT NULL, '
        '"received_at" TEXT NOT NULL, "due_at" TEXT NOT NULL, "state" TEXT NOT NULL, "answer" TEXT NOT '
        'NULL, "answered_at" TEXT, "answered_by" TEXT NOT NULL, "exported_at" TEXT, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "feedback_uid" ON "feedback" ("uid")',
    'CREATE INDEX "feedback_dossier_id" ON "feedback" ("dossier_id")',
    'CREATE INDEX "feedback_office_id_state_due_at" ON "feedback" ("office_id", "state", "due_at")',
    (
        'CREATE TABLE "feed_cursor" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, "cursor" '
        'INTEGER NOT NULL, "contact_at" TEXT, "clock_offset_ms" INTEGER NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "feed_cursor_office_id" ON "feed_cursor" ("office_id")',
    (
        'CREATE TABLE "manifest" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "number" TEXT '
        'NOT NULL, "way" TEXT NOT NULL, "office_id" TEXT NOT NULL, "agency" TEXT NOT NULL, "from_holder" '
        'TEXT NOT NULL, "to_holder" TEXT NOT NULL, "announced_at" TEXT NOT NULL, "announced_by" TEXT NOT '
        'NULL, "expected_at" TEXT NOT NULL, "acknowledged_at" TEXT, "acknowledged_by" TEXT NOT NULL, '
        '"closed_at" TEXT, "bags" INTEGER NOT NULL, "things" INTEGER NOT NULL, "dossiers" INTEGER NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "manifest_uid" ON "manifest" ("uid")',
    'CREATE UNIQUE INDEX "manifest_number" ON "manifest" ("number")',
    'CREATE INDEX "manifest_office_id_way_closed_at" ON "manifest" ("office_id", "way", "closed_at")',
    (
        'CREATE TABLE "minutes" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "number" TEXT NOT '
        'NULL, "kind" TEXT NOT NULL, "office_id" TEXT NOT NULL, "terminal_id" TEXT NOT NULL, "agency" TEXT '
        'NOT NULL, "manifest_id" INTEGER, "giver" TEXT NOT NULL, "taker" TEXT NOT NULL, "state" TEXT NOT '
        'NULL, "place" TEXT NOT NULL, "giver_name" TEXT NOT NULL, "receiver" TEXT NOT NULL, "how" TEXT NOT '
        'NULL, "signature_sha256" TEXT, "opened_at" TEXT NOT NULL, "opened_by" TEXT NOT NULL, "signed_at" '
        'TEXT, "signed_by" TEXT NOT NULL, "kept_at" TEXT, "kept_by" TEXT NOT NULL, "digest" TEXT, '
        '"voided_at" TEXT, FOREIGN KEY ("manifest_id") REFERENCES "manifest" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "minutes_uid" ON "minutes" ("uid")',
    'CREATE UNIQUE INDEX "minutes_number" ON "minutes" ("number")',
    'CREATE INDEX "minutes_manifest_id" ON "minutes" ("manifest_id")',
    'CREATE INDEX "minutes_office_id_kind_state" ON "minutes" ("office_id", "kind", "state")',
    (
        'CREATE TABLE "filing_change" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, '
        '"office_id" TEXT NOT NULL, "minutes_id" INTEGER NOT NULL, "at" TEXT NOT NULL, "due_before" TEXT, '
        '"due_after" TEXT, "calculation" TEXT NOT NULL, "seen_at" TEXT, "seen_by" TEXT NOT NULL, FOREIGN '
        'KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN KEY ("minutes_id") '
        'REFERENCES "minutes" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "filing_change_dossier_id" ON "filing_change" ("dossier_id")',
    'CREATE INDEX "filing_change_minutes_id" ON "filing_change" ("minutes_id")',
    'CREATE INDEX "filing_change_office_id_seen_at" ON "filing_change" ("office_id", "seen_at")',
    (
        'CREATE TABLE "head_exchange" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, "day" '
        'TEXT NOT NULL, "claimed_at" TEXT NOT NULL, "done" INTEGER NOT NULL, "given" TEXT NOT NULL, "heads" '
        'TEXT NOT NULL, "conflicts" TEXT NOT NULL, "document" BLOB, "signature" BLOB)'
    ),
    'CREATE UNIQUE INDEX "head_exchange_office_id_day" ON "head_exchange" ("office_id", "day")',
    (
        'CREATE TABLE "idempotency" ("id" INTEGER NOT NULL PRIMARY KEY, "client" TEXT NOT NULL, "key" TEXT '
        'NOT NULL, "request_sha256" TEXT NOT NULL, "status" INTEGER NOT NULL, "body" TEXT NOT NULL, '
        '"created_at" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "idempotency_client_key" ON "idempotency" ("client", "key")',
    (
        'CREATE TABLE "page" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "dossier_id" INTEGER '
        'NOT NULL, "component_id" INTEGER, "position" INTEGER NOT NULL, "name" TEXT NOT NULL, "sha256" '
        'TEXT NOT NULL, "media" TEXT NOT NULL, "width" INTEGER NOT NULL, "height" INTEGER NOT NULL, "dpi" '
        'INTEGER, "origin" TEXT NOT NULL, "verdict" TEXT NOT NULL, "reason" TEXT NOT NULL, "findings" TEXT '
        'NOT NULL, "seen" TEXT NOT NULL, "turn" INTEGER NOT NULL, "accepted_by" TEXT NOT NULL, '
        '"accepted_reason" TEXT NOT NULL, "created_at" TEXT NOT NULL, FOREIGN KEY ("dossier_id") '
        'REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN KEY ("component_id") REFERENCES '
        '"component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "page_uid" ON "page" ("uid")',
    'CREATE INDEX "page_dossier_id" ON "page" ("dossier_id")',
    'CREATE INDEX "page_component_id" ON "page" ("component_id")',
    'CREATE INDEX "page_dossier_id_component_id_position" ON "page" ("dossier_id", "component_id", "position")',
    'CREATE INDEX "page_sha256_turn" ON "page" ("sha256", "turn")',
    (
        'CREATE TABLE "inbox_page" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" BLOB NOT NULL, "feed" BLOB NOT NULL, "position" INTEGER NOT '
        'NULL, "stack" BLOB NOT NULL, "place" INTEGER NOT NULL, "origin" TEXT NOT NULL, "name" TEXT NOT '
        'NULL, "sha256" TEXT NOT NULL, "media" TEXT NOT NULL, "width" INTEGER NOT NULL, "height" INTEGER '
        'NOT NULL, "dpi" INTEGER, "verdict" TEXT NOT NULL, "reason" TEXT NOT NULL, "findings" TEXT NOT '
        'NULL, "seen" TEXT NOT NULL, "turn" INTEGER NOT NULL, "decided" TEXT NOT NULL, "to_dossier" TEXT '
        'NOT NULL, "to_component" TEXT NOT NULL, "accepted_by" TEXT NOT NULL, "accepted_reason" TEXT NOT '
        'NULL, "again_at" TEXT, "arrived_at" TEXT NOT NULL, "page_id" INTEGER, "filed_at" TEXT, '
        '"discarded_at" TEXT, "discarded_by" TEXT NOT NULL, "discarded_why" TEXT NOT NULL, FOREIGN KEY '
        '("page_id") REFERENCES "page" ("id") ON DELETE SET NULL)'
    ),
    'CREATE UNIQUE INDEX "inbox_page_uid" ON "inbox_page" ("uid")',
    'CREATE INDEX "inbox_page_sha256" ON "inbox_page" ("sha256")',
    'CREATE INDEX "inbox_page_page_id" ON "inbox_page" ("page_id")',
    'CREATE UNIQUE INDEX "inbox_page_feed_position" ON "inbox_page" ("feed", "position")',
    'CREATE INDEX "inbox_page_stack" ON "inbox_page" ("stack")',
    (
        'CREATE INDEX "inbox_page_terminal_id_filed_at_discarded_at_id" ON "inbox_page" ("terminal_id", '
        '"filed_at", "discarded_at", "id")'
    ),
    (
        'CREATE TABLE "invitation" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "item_id" '
        'INTEGER NOT NULL, "number" INTEGER NOT NULL, "attempt" INTEGER NOT NULL, "collect_from" TEXT NOT '
        'NULL, "collect_until" TEXT NOT NULL, "made_by" TEXT NOT NULL, "made_at" TEXT NOT NULL, '
        '"printed_at" TEXT, "notice" TEXT NOT NULL, "left_in" BLOB, "left_at" TEXT, FOREIGN KEY '
        '("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "invitation_uid" ON "invitation" ("uid")',
    'CREATE INDEX "invitation_item_id" ON "invitation" ("item_id")',
    'CREATE UNIQUE INDEX "invitation_item_id_number" ON "invitation" ("item_id", "number")',
    (
        'CREATE TABLE "item_plan" ("id" INTEGER NOT NULL PRIMARY KEY, "item_id" INTEGER NOT NULL, '
        '"office_id" TEXT NOT NULL, "action" TEXT NOT NULL, "decided" INTEGER NOT NULL, "redeliver_on" '
        'TEXT, "held_until" TEXT, "agreed" TEXT NOT NULL, "promised_in" BLOB, "forward_kind" TEXT NOT '
        'NULL, "forward_to" TEXT NOT NULL, "addressee_only" INTEGER NOT NULL, "changed_by" TEXT NOT NULL, '
        '"changed_at" TEXT NOT NULL, FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "item_plan_item_id" ON "item_plan" ("item_id")',
    'CREATE INDEX "item_plan_office_id_redeliver_on" ON "item_plan" ("office_id", "redeliver_on")',
    'CREATE INDEX "item_plan_office_id_held_until" ON "item_plan" ("office_id", "held_until")',
    (
        'CREATE TABLE "item_range" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, "prefix" '
        'TEXT NOT NULL, "country" TEXT NOT NULL, "first" INTEGER NOT NULL, "last" INTEGER NOT NULL, "next" '
        'INTEGER NOT NULL, "allotted_at" TEXT, "allotted_by" TEXT NOT NULL, "given_at" TEXT)'
    ),
    'CREATE INDEX "item_range_office_id" ON "item_range" ("office_id")',
    (
        'CREATE TABLE "outbox" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "lane" TEXT NOT '
        'NULL, "kind" TEXT NOT NULL, "key" TEXT NOT NULL, "digest" TEXT NOT NULL, "state" TEXT NOT NULL, '
        '"doubt" INTEGER NOT NULL, "attempts" INTEGER NOT NULL, "not_before" TEXT NOT NULL, "lease_until" '
        'TEXT, "lease_token" INTEGER NOT NULL, "worker" TEXT NOT NULL, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT, "dossier_id" INTEGER, "after_id" INTEGER, "priority" INTEGER NOT NULL, '
        '"file_bytes" INTEGER NOT NULL, "sent_bytes" INTEGER NOT NULL, "error" TEXT NOT NULL, "result" '
        'TEXT, "created_at" TEXT NOT NULL, "settled_at" TEXT)'
    ),
    'CREATE UNIQUE INDEX "outbox_uid" ON "outbox" ("uid")',
    'CREATE UNIQUE INDEX "outbox_key" ON "outbox" ("key")',
    'CREATE INDEX "outbox_dossier_id" ON "outbox" ("dossier_id")',
    'CREATE INDEX "outbox_state_lane_id" ON "outbox" ("state", "lane", "id")',
    (
        "CREATE INDEX \"outbox_due\" ON \"outbox\" (\"lane\", \"priority\", \"id\") WHERE state IN ('ready', "
        "'unknown')"
    ),
    'CREATE INDEX "outbox_terminal" ON "outbox" ("terminal_id", "lane", "id") WHERE terminal_id IS NOT NULL',
    (
        'CREATE TABLE "journal_entry" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "ledger" TEXT NOT NULL, "chain" TEXT NOT NULL, "seq" INTEGER NOT '
        'NULL, "uid" BLOB NOT NULL, "kind" TEXT NOT NULL, "at" TEXT NOT NULL, "actor" TEXT NOT NULL, '
        '"dossier_id" INTEGER, "body" TEXT NOT NULL, "prev" TEXT NOT NULL, "hash" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "journal_entry_uid" ON "journal_entry" ("uid")',
    'CREATE INDEX "journal_entry_dossier_id" ON "journal_entry" ("dossier_id")',
    'CREATE UNIQUE INDEX "journal_entry_ledger_chain_seq" ON "journal_entry" ("ledger", "chain", "seq")',
    'CREATE INDEX "journal_entry_ledger_dossier_id" ON "journal_entry" ("ledger", "dossier_id")',
    'CREATE INDEX "journal_entry_ledger_office_id_id" ON "journal_entry" ("ledger", "office_id", "id")',
    (
        'CREATE TABLE "journal_head" ("id" INTEGER NOT NULL PRIMARY KEY, "ledger" TEXT NOT NULL, "chain" '
        'TEXT NOT NULL, "seq" INTEGER NOT NULL, "hash" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "journal_head_ledger_chain" ON "journal_head" ("ledger", "chain")',
    (
        'CREATE TABLE "ledger_row" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, '
        '"bucket" TEXT NOT NULL, "office_id" TEXT NOT NULL, "key" TEXT NOT NULL, "row" TEXT NOT NULL, '
        '"digest" TEXT NOT NULL, "changed_at" TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES '
        '"dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "ledger_row_dossier_id" ON "ledger_row" ("dossier_id")',
    'CREATE INDEX "ledger_row_bucket" ON "ledger_row" ("bucket")',
    'CREATE UNIQUE INDEX "ledger_row_key" ON "ledger_row" ("key")',
    (
        'CREATE TABLE "line_status" ("id" INTEGER NOT NULL PRIMARY KEY, "terminal_id" TEXT NOT NULL, '
        '"office_id" TEXT NOT NULL, "endpoint" TEXT NOT NULL, "state" TEXT NOT NULL, "failures" INTEGER '
        'NOT NULL, "since" TEXT NOT NULL, "next_try" TEXT, "words" TEXT NOT NULL, "paused" TEXT NOT NULL, '
        '"bytes_per_second" INTEGER NOT NULL, "measured_at" TEXT, "small_seconds" REAL NOT NULL, '
        '"nudged_at" TEXT, "changed_at" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "line_status_terminal_id" ON "line_status" ("terminal_id")',
    (
        'CREATE TABLE "list_line" ("id" INTEGER NOT NULL PRIMARY KEY, "day_list_id" INTEGER NOT NULL, '
        '"item_id" INTEGER NOT NULL, "position" INTEGER NOT NULL, "collect" INTEGER NOT NULL, "added_by" '
        'TEXT NOT NULL, "added_at" TEXT NOT NULL, "scanned" INTEGER NOT NULL, "outcome" TEXT NOT NULL, '
        '"outcome_at" TEXT, "seen_at" TEXT, "explained" TEXT NOT NULL, "explained_by" TEXT NOT NULL, '
        '"explained_at" TEXT, FOREIGN KEY ("day_list_id") REFERENCES "delivery_list" ("id") ON DELETE '
        'RESTRICT, FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "list_line_day_list_id" ON "list_line" ("day_list_id")',
    'CREATE INDEX "list_line_item_id" ON "list_line" ("item_id")',
    'CREATE UNIQUE INDEX "list_line_day_list_id_item_id" ON "list_line" ("day_list_id", "item_id")',
    'CREATE INDEX "list_line_item_id_outcome" ON "list_line" ("item_id", "outcome")',
    (
        'CREATE TABLE "look_up" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "at" TEXT NOT '
        'NULL, "username" TEXT NOT NULL, "office_id" TEXT NOT NULL, "terminal_id" TEXT NOT NULL, '
        '"draft_uid" BLOB NOT NULL, "kind" TEXT NOT NULL, "purpose" TEXT NOT NULL, "outcome" TEXT NOT '
        'NULL, "matches" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "look_up_uid" ON "look_up" ("uid")',
    'CREATE INDEX "look_up_draft_uid" ON "look_up" ("draft_uid")',
    'CREATE INDEX "look_up_username_at" ON "look_up" ("username", "at")',
    (
        'CREATE TABLE "manifest_line" ("id" INTEGER NOT NULL PRIMARY KEY, "manifest_id" INTEGER NOT NULL, '
        '"parcel_id" INTEGER NOT NULL, "number" TEXT NOT NULL, FOREIGN KEY ("manifest_id") REFERENCES '
        '"manifest" ("id") ON DELETE RESTRICT, FOREIGN KEY ("parcel_id") REFERENCES "parcel" ("id") ON '
        "DELETE RESTRICT)"
    ),
    'CREATE INDEX "manifest_line_manifest_id" ON "manifest_line" ("manifest_id")',
    'CREATE INDEX "manifest_line_parcel_id" ON "manifest_line" ("parcel_id")',
    'CREATE UNIQUE INDEX "manifest_line_manifest_id_parcel_id" ON "manifest_line" ("manifest_id", "parcel_id")',
    (
        'CREATE TABLE "result" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "dossier_id" '
        'INTEGER NOT NULL, "province_id" TEXT NOT NULL, "name" TEXT NOT NULL, "type" TEXT NOT NULL, "form" '
        'TEXT NOT NULL, "way" TEXT NOT NULL, "state" TEXT NOT NULL, "item_id" INTEGER, "sha256" TEXT, '
        '"ready_at" TEXT NOT NULL, "delivered_at" TEXT, "reported" INTEGER NOT NULL, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN KEY ("item_id") '
        'REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "result_uid" ON "result" ("uid")',
    'CREATE INDEX "result_dossier_id" ON "result" ("dossier_id")',
    'CREATE INDEX "result_item_id" ON "result" ("item_id")',
    'CREATE UNIQUE INDEX "result_dossier_id_province_id" ON "result" ("dossier_id", "province_id")',
    (
        'CREATE TABLE "minutes_line" ("id" INTEGER NOT NULL PRIMARY KEY, "minutes_id" INTEGER NOT NULL, '
        '"number" TEXT NOT NULL, "kind" TEXT NOT NULL, "parcel_id" INTEGER, "item_id" INTEGER, '
        '"result_id" INTEGER, "dossier_id" INTEGER, "inside" TEXT NOT NULL, "expected" INTEGER NOT NULL, '
        '"counted_at" TEXT, "capture" TEXT NOT NULL, "seal" TEXT NOT NULL, "seal_state" TEXT NOT NULL, '
        '"verdict" TEXT NOT NULL, "follow" TEXT NOT NULL, "settled_at" TEXT, FOREIGN KEY ("minutes_id") '
        'REFERENCES "minutes" ("id") ON DELETE RESTRICT, FOREIGN KEY ("parcel_id") REFERENCES "parcel" '
        '("id") ON DELETE RESTRICT, FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT, '
        'FOREIGN KEY ("result_id") REFERENCES "result" ("id") ON DELETE RESTRICT, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "minutes_line_minutes_id" ON "minutes_line" ("minutes_id")',
    'CREATE INDEX "minutes_line_parcel_id" ON "minutes_line" ("parcel_id")',
    'CREATE INDEX "minutes_line_item_id" ON "minutes_line" ("item_id")',
    'CREATE INDEX "minutes_line_result_id" ON "minutes_line" ("result_id")',
    'CREATE INDEX "minutes_line_dossier_id" ON "minutes_line" ("dossier_id")',
    'CREATE UNIQUE INDEX "minutes_line_minutes_id_number" ON "minutes_line" ("minutes_id", "number")',
    'CREATE INDEX "minutes_line_verdict_settled_at" ON "minutes_line" ("verdict", "settled_at")',
    (
        'CREATE TABLE "minutes_note" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "minutes_id" '
        'INTEGER NOT NULL, "at" TEXT NOT NULL, "by" TEXT NOT NULL, "words" TEXT NOT NULL, '
        '"countersigned_at" TEXT, "countersigned_by" TEXT NOT NULL, FOREIGN KEY ("minutes_id") REFERENCES '
        '"minutes" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "minutes_note_uid" ON "minutes_note" ("uid")',
    'CREATE INDEX "minutes_note_minutes_id" ON "minutes_note" ("minutes_id")',
    (
        'CREATE TABLE "money_entry" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" BLOB NOT NULL, "key" TEXT NOT NULL, "kind" TEXT NOT NULL, '
        '"at" TEXT NOT NULL, "day" TEXT NOT NULL, "actor" TEXT NOT NULL, "dossier_id" INTEGER, "subject" '
        'TEXT NOT NULL, "reverses" BLOB, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "money_entry_uid" ON "money_entry" ("uid")',
    'CREATE UNIQUE INDEX "money_entry_key" ON "money_entry" ("key")',
    'CREATE INDEX "money_entry_dossier_id" ON "money_entry" ("dossier_id")',
    'CREATE INDEX "money_entry_subject" ON "money_entry" ("subject")',
    'CREATE INDEX "money_entry_office_id_day" ON "money_entry" ("office_id", "day")',
    (
        'CREATE TABLE "money_leg" ("id" INTEGER NOT NULL PRIMARY KEY, "entry_id" INTEGER NOT NULL, '
        '"office_id" TEXT NOT NULL, "ledger" TEXT NOT NULL, "account" TEXT NOT NULL, "holder" TEXT NOT '
        'NULL, "amount" INTEGER NOT NULL, FOREIGN KEY ("entry_id") REFERENCES "money_entry" ("id") ON DELETE '
        "RESTRICT)"
    ),
    'CREATE INDEX "money_leg_entry_id" ON "money_leg" ("entry_id")',
    'CREATE INDEX "money_leg_account_holder_ledger" ON "money_leg" ("account", "holder", "ledger")',
    'CREATE INDEX "money_leg_office_id_account_ledger" ON "money_leg" ("office_id", "account", "ledger")',
    (
        'CREATE TABLE "no_attempt" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "item_id" '
        'INTEGER NOT NULL, "office_id" TEXT NOT NULL, "courier" TEXT NOT NULL, "day" TEXT NOT NULL, '
        '"event" BLOB, "evidence" TEXT NOT NULL, "said_by" TEXT NOT NULL, "at" TEXT NOT NULL, FOREIGN KEY '
        '("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "no_attempt_uid" ON "no_attempt" ("uid")',
    'CREATE INDEX "no_attempt_item_id" ON "no_attempt" ("item_id")',
    'CREATE UNIQUE INDEX "no_attempt_event" ON "no_attempt" ("event")',
    'CREATE INDEX "no_attempt_office_id_courier_day" ON "no_attempt" ("office_id", "courier", "day")',
    (
        'CREATE TABLE "notice_wish" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, '
        '"wanted" INTEGER NOT NULL, "at" TEXT NOT NULL, "by" TEXT NOT NULL, FOREIGN KEY ("dossier_id") '
        'REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "notice_wish_dossier_id" ON "notice_wish" ("dossier_id")',
    (
        'CREATE TABLE "office_key" ("id" INTEGER NOT NULL PRIMARY KEY, "kid" TEXT NOT NULL, "office_id" '
        'TEXT NOT NULL, "terminal_id" TEXT NOT NULL, "public" TEXT NOT NULL, "training" INTEGER NOT NULL, '
        '"made_at" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "office_key_kid" ON "office_key" ("kid")',
    'CREATE INDEX "office_key_office_id" ON "office_key" ("office_id")',
    (
        'CREATE TABLE "office_switch" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, "name" '
        'TEXT NOT NULL, "on" INTEGER NOT NULL, "at" TEXT NOT NULL, "by" TEXT NOT NULL)'
    ),
    'CREATE INDEX "office_switch_office_id_name_id" ON "office_switch" ("office_id", "name", "id")',
    (
        'CREATE TABLE "official_receipt" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "key" TEXT NOT NULL, "dossier_id" INTEGER NOT NULL, "codes" TEXT NOT '
        'NULL, "amount" INTEGER NOT NULL, "state" TEXT NOT NULL, "serial" TEXT NOT NULL, "number" TEXT NOT '
        'NULL, "reason" TEXT NOT NULL, "asked_at" TEXT NOT NULL, "issued_at" TEXT, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "official_receipt_key" ON "official_receipt" ("key")',
    'CREATE INDEX "official_receipt_dossier_id" ON "official_receipt" ("dossier_id")',
    'CREATE INDEX "official_receipt_state" ON "official_receipt" ("state")',
    (
        'CREATE TABLE "page_reading" ("id" INTEGER NOT NULL PRIMARY KEY, "terminal_id" TEXT NOT NULL, '
        '"sha256" TEXT NOT NULL, "turn" INTEGER NOT NULL, "state" TEXT NOT NULL, "reason" TEXT NOT NULL, '
        '"words_sha256" TEXT, "facts" TEXT NOT NULL, "wanted_at" TEXT, "created_at" TEXT NOT NULL, "read_at" TEXT)'
    ),
    (
        'CREATE UNIQUE INDEX "page_reading_terminal_id_sha256_turn" ON "page_reading" ("terminal_id", '
        '"sha256", "turn")'
    ),
    'CREATE INDEX "page_reading_sha256" ON "page_reading" ("sha256")',
    'CREATE INDEX "page_reading_words_sha256" ON "page_reading" ("words_sha256")',
    "CREATE INDEX \"page_reading_waits\" ON \"page_reading\" (\"terminal_id\", \"id\") WHERE state = 'waiting'",
    (
        'CREATE TABLE "pairing_code" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "code_sha256" '
        'TEXT NOT NULL, "courier" TEXT NOT NULL, "office_id" TEXT NOT NULL, "created_at" TEXT NOT NULL, '
        '"created_by" TEXT NOT NULL, "expires_at" TEXT NOT NULL, "used_at" TEXT, "cancelled_at" TEXT, '
        '"phone_uid" BLOB)'
    ),
    'CREATE UNIQUE INDEX "pairing_code_uid" ON "pairing_code" ("uid")',
    'CREATE UNIQUE INDEX "pairing_code_code_sha256" ON "pairing_code" ("code_sha256")',
    'CREATE INDEX "pairing_code_office_id" ON "pairing_code" ("office_id")',
    (
        'CREATE TABLE "paper" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "dossier_id" INTEGER '
        'NOT NULL, "component_id" INTEGER NOT NULL, "code" TEXT NOT NULL, "file_name" TEXT NOT NULL, "name" '
        'TEXT NOT NULL, "pages" INTEGER NOT NULL, "copy_sha256" TEXT NOT NULL, "copy_size" INTEGER NOT NULL, '
        '"signed_sha256" TEXT, "signed_size" INTEGER, "signer" TEXT NOT NULL, "signed_at" TEXT, '
        '"evidence" TEXT NOT NULL, "created_at" TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES '
        '"dossier" ("id") ON DELETE RESTRICT, FOREIGN KEY ("component_id") REFERENCES "component" ("id") '
        "ON DELETE RESTRICT)"
    ),
    'CREATE UNIQUE INDEX "paper_uid" ON "paper" ("uid")',
    'CREATE INDEX "paper_dossier_id" ON "paper" ("dossier_id")',
    'CREATE UNIQUE INDEX "paper_component_id" ON "paper" ("component_id")',
    'CREATE UNIQUE INDEX "paper_code" ON "paper" ("code")',
    'CREATE INDEX "paper_copy_sha256" ON "paper" ("copy_sha256")',
    'CREATE INDEX "paper_signed_sha256" ON "paper" ("signed_sha256")',
    (
        'CREATE TABLE "paper_facts" ("id" INTEGER NOT NULL PRIMARY KEY, "paper_id" INTEGER NOT NULL, '
        '"dossier_id" INTEGER NOT NULL, "number" TEXT NOT NULL, "issued_on" TEXT, "issuer" TEXT NOT NULL, '
        '"signed_by" TEXT NOT NULL, "abstract" TEXT NOT NULL, "permanent" INTEGER NOT NULL, "valid_until" '
        'TEXT, "procedures" TEXT NOT NULL, "agencies" TEXT NOT NULL, "approved_at" TEXT, "approved_by" TEXT '
        'NOT NULL, "updated_at" TEXT NOT NULL, "updated_by" TEXT NOT NULL, FOREIGN KEY ("paper_id") '
        'REFERENCES "paper" ("id") ON DELETE CASCADE, FOREIGN KEY ("dossier_id") REFERENCES "dossier" '
        '("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "paper_facts_paper_id" ON "paper_facts" ("paper_id")',
    'CREATE INDEX "paper_facts_dossier_id" ON "paper_facts" ("dossier_id")',
    (
        'CREATE TABLE "paper_number" ("id" INTEGER NOT NULL PRIMARY KEY, "component_id" INTEGER NOT NULL, '
        '"series" TEXT NOT NULL, "number" INTEGER NOT NULL, "version" INTEGER NOT NULL, FOREIGN KEY '
        '("component_id") REFERENCES "component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "paper_number_component_id" ON "paper_number" ("component_id")',
    'CREATE UNIQUE INDEX "paper_number_series_number" ON "paper_number" ("series", "number")',
    (
        'CREATE TABLE "paper_series" ("id" INTEGER NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "last" '
        "INTEGER NOT NULL)"
    ),
    'CREATE UNIQUE INDEX "paper_series_name" ON "paper_series" ("name")',
    (
        'CREATE TABLE "paper_text" ("id" INTEGER NOT NULL PRIMARY KEY, "paper_id" INTEGER NOT NULL, '
        '"dossier_id" INTEGER NOT NULL, "terminal_id" TEXT NOT NULL, "sha256" TEXT, "size" INTEGER, '
        '"made_at" TEXT, FOREIGN KEY ("paper_id") REFERENCES "paper" ("id") ON DELETE CASCADE, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "paper_text_paper_id" ON "paper_text" ("paper_id")',
    'CREATE INDEX "paper_text_dossier_id" ON "paper_text" ("dossier_id")',
    'CREATE INDEX "paper_text_sha256" ON "paper_text" ("sha256")',
    'CREATE INDEX "paper_text_terminal_id_made_at" ON "paper_text" ("terminal_id", "made_at")',
    (
        'CREATE TABLE "paper_use" ("id" INTEGER NOT NULL PRIMARY KEY, "component_id" INTEGER NOT NULL, '
        '"dossier_id" INTEGER NOT NULL, "source_id" INTEGER NOT NULL, "paper_uid" BLOB NOT NULL, "code" '
        'TEXT NOT NULL, "sha256" TEXT NOT NULL, "size" INTEGER NOT NULL, "pages" INTEGER NOT NULL, "at" '
        'TEXT NOT NULL, "by" TEXT NOT NULL, FOREIGN KEY ("component_id") REFERENCES "component" ("id") ON '
        'DELETE RESTRICT, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN '
        'KEY ("source_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "paper_use_component_id" ON "paper_use" ("component_id")',
    'CREATE INDEX "paper_use_dossier_id" ON "paper_use" ("dossier_id")',
    'CREATE INDEX "paper_use_source_id" ON "paper_use" ("source_id")',
    'CREATE INDEX "paper_use_paper_uid" ON "paper_use" ("paper_uid")',
    'CREATE INDEX "paper_use_sha256" ON "paper_use" ("sha256")',
    (
        'CREATE TABLE "parcel_event" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "parcel_id" '
        'INTEGER NOT NULL, "step" TEXT NOT NULL, "from_holder" TEXT NOT NULL, "to_holder" TEXT NOT NULL, '
        '"occurred_at" TEXT NOT NULL, "recorded_at" TEXT NOT NULL, "actor" TEXT NOT NULL, "device" TEXT NOT '
        'NULL, "device_seq" INTEGER, "parent" BLOB, "capture" TEXT NOT NULL, "bag" TEXT NOT NULL, '
        '"upu_code" TEXT, FOREIGN KEY ("parcel_id") REFERENCES "parcel" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "parcel_event_uid" ON "parcel_event" ("uid")',
    'CREATE INDEX "parcel_event_parcel_id" ON "parcel_event" ("parcel_id")',
    (
        'CREATE TABLE "subject" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "kind" TEXT NOT '
        'NULL, "name" TEXT NOT NULL, "id_type" TEXT NOT NULL, "id_number" TEXT NOT NULL, "birth_date" TEXT '
        'NOT NULL, "sex" TEXT NOT NULL, "address" TEXT NOT NULL, "phone" TEXT NOT NULL, "email" TEXT NOT '
        'NULL, "salt" BLOB NOT NULL, "erased_at" TEXT)'
    ),
    'CREATE UNIQUE INDEX "subject_uid" ON "subject" ("uid")',
    'CREATE INDEX "subject_id_number" ON "subject" ("id_number")',
    (
        'CREATE TABLE "party" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, "role" '
        'TEXT NOT NULL, "subject_id" INTEGER NOT NULL, "relation" TEXT NOT NULL, "authorisation" TEXT NOT '
        'NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN KEY '
        '("subject_id") REFERENCES "subject" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "party_dossier_id" ON "party" ("dossier_id")',
    'CREATE INDEX "party_subject_id" ON "party" ("subject_id")',
    'CREATE UNIQUE INDEX "party_dossier_id_role" ON "party" ("dossier_id", "role")',
    (
        'CREATE TABLE "outbox_payload" ("job_id" INTEGER NOT NULL PRIMARY KEY, "body" BLOB NOT NULL, FOREIGN '
        'KEY ("job_id") REFERENCES "outbox" ("id") ON DELETE CASCADE)'
    ),
    (
        'CREATE TABLE "payment_purpose" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "purpose" TEXT NOT NULL, "dossier_id" INTEGER NOT NULL, "account" '
        'TEXT NOT NULL, "made_at" TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON '
        "DELETE RESTRICT)"
    ),
    'CREATE UNIQUE INDEX "payment_purpose_purpose" ON "payment_purpose" ("purpose")',
    'CREATE INDEX "payment_purpose_dossier_id" ON "payment_purpose" ("dossier_id")',
    (
        'CREATE TABLE "phone" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "name" TEXT NOT '
        'NULL, "courier" TEXT NOT NULL, "office_id" TEXT NOT NULL, "public_key" TEXT NOT NULL, '
        '"token_sha256" TEXT NOT NULL, "paired_at" TEXT NOT NULL, "paired_by" TEXT NOT NULL, "revoked_at" '
        'TEXT, "revoked_by" TEXT NOT NULL, "revoked_reason" TEXT NOT NULL, "last_seen_at" TEXT, "unsent" '
        'INTEGER, "clock_offset_ms" INTEGER, "app_version" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "phone_uid" ON "phone" ("uid")',
    'CREATE INDEX "phone_courier" ON "phone" ("courier")',
    'CREATE INDEX "phone_office_id" ON "phone" ("office_id")',
    'CREATE UNIQUE INDEX "phone_token_sha256" ON "phone" ("token_sha256")',
    (
        'CREATE TABLE "phone_act" ("id" INTEGER NOT NULL PRIMARY KEY, "phone_uid" BLOB NOT NULL, "act" '
        'TEXT NOT NULL, "at" TEXT NOT NULL, "by" TEXT NOT NULL, "reason" TEXT NOT NULL)'
    ),
    'CREATE INDEX "phone_act_phone_uid" ON "phone_act" ("phone_uid")',
    (
        'CREATE TABLE "phone_blob" ("id" INTEGER NOT NULL PRIMARY KEY, "sha256" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "phone_uid" BLOB NOT NULL, "media" TEXT NOT NULL, "size" INTEGER NOT '
        'NULL, "received_at" TEXT NOT NULL)'
    ),
    'CREATE INDEX "phone_blob_phone_uid" ON "phone_blob" ("phone_uid")',
    'CREATE INDEX "phone_blob_received_at" ON "phone_blob" ("received_at")',
    'CREATE UNIQUE INDEX "phone_blob_sha256_terminal_id" ON "phone_blob" ("sha256", "terminal_id")',
    (
        'CREATE TABLE "phone_chain" ("id" INTEGER NOT NULL PRIMARY KEY, "phone_uid" BLOB NOT NULL, '
        '"office_id" TEXT NOT NULL, "courier" TEXT NOT NULL, "next_seq" INTEGER NOT NULL, "top_seq" '
        'INTEGER NOT NULL, "hash" TEXT NOT NULL, "heard_at" TEXT NOT NULL, "owes_since" TEXT)'
    ),
    'CREATE UNIQUE INDEX "phone_chain_phone_uid" ON "phone_chain" ("phone_uid")',
    'CREATE INDEX "phone_chain_office_id" ON "phone_chain" ("office_id")',
    (
        'CREATE TABLE "proof" ("id" INTEGER NOT NULL PRIMARY KEY, "item_id" INTEGER, "result_id" INTEGER, '
        '"attempt" INTEGER NOT NULL, "receiver" TEXT NOT NULL, "relation" TEXT NOT NULL, "authorisation" '
        'TEXT NOT NULL, "identity_type" TEXT NOT NULL, "identity_last4" TEXT NOT NULL, "identity_matched" '
        'INTEGER NOT NULL, "signature_sha256" TEXT, "photo_sha256" TEXT, "position" TEXT NOT NULL, '
        '"collected" INTEGER NOT NULL, "at" TEXT NOT NULL, "digest" TEXT NOT NULL, "voided_at" TEXT, '
        'FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT, FOREIGN KEY ("result_id") '
        'REFERENCES "result" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "proof_item_id" ON "proof" ("item_id")',
    'CREATE INDEX "proof_result_id" ON "proof" ("result_id")',
    'CREATE INDEX "proof_signature_sha256" ON "proof" ("signature_sha256")',
    'CREATE INDEX "proof_photo_sha256" ON "proof" ("photo_sha256")',
    (
        'CREATE TABLE "province_receipt" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, '
        '"kind" TEXT NOT NULL, "key" TEXT NOT NULL, "number" TEXT NOT NULL, "digest" TEXT NOT NULL, "at" '
        'TEXT NOT NULL, "document" BLOB NOT NULL, "signature" BLOB NOT NULL, FOREIGN KEY ("dossier_id") '
        'REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "province_receipt_dossier_id" ON "province_receipt" ("dossier_id")',
    'CREATE UNIQUE INDEX "province_receipt_key" ON "province_receipt" ("key")',
    (
        'CREATE TABLE "receipt_link" ("id" INTEGER NOT NULL PRIMARY KEY, "receipt_id" INTEGER NOT NULL, '
        '"office_id" TEXT NOT NULL, "sequence" INTEGER NOT NULL, "previous" TEXT, "hash" TEXT NOT NULL, '
        'FOREIGN KEY ("receipt_id") REFERENCES "province_receipt" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "receipt_link_receipt_id" ON "receipt_link" ("receipt_id")',
    'CREATE INDEX "receipt_link_office_id_sequence" ON "receipt_link" ("office_id", "sequence")',
    (
        'CREATE TABLE "receiver_code" ("id" INTEGER NOT NULL PRIMARY KEY, "item_number" TEXT NOT NULL, '
        '"salt" TEXT NOT NULL, "code_sha256" TEXT NOT NULL, "created_at" TEXT NOT NULL, "created_by" TEXT '
        'NOT NULL, "expires_at" TEXT NOT NULL, "tries" INTEGER NOT NULL, "used_at" TEXT, "used_by_event" '
        'BLOB, "withdrawn" INTEGER NOT NULL)'
    ),
    'CREATE INDEX "receiver_code_item_number" ON "receiver_code" ("item_number")',
    (
        'CREATE TABLE "remittance" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" BLOB NOT NULL, "number" TEXT NOT NULL, "authority" TEXT NOT '
        'NULL, "ledger" TEXT NOT NULL, "since_day" TEXT NOT NULL, "until_day" TEXT NOT NULL, "due_on" TEXT '
        'NOT NULL, "amount" INTEGER NOT NULL, "dossiers" TEXT NOT NULL, "source" TEXT NOT NULL, '
        '"source_holder" TEXT NOT NULL, "made_by" TEXT NOT NULL, "made_at" TEXT NOT NULL, "state" TEXT NOT '
        'NULL, "handed_by" TEXT NOT NULL, "handed_at" TEXT, "reference" TEXT NOT NULL, "acknowledged_by" '
        'TEXT NOT NULL, "acknowledged_at" TEXT)'
    ),
    'CREATE UNIQUE INDEX "remittance_uid" ON "remittance" ("uid")',
    'CREATE UNIQUE INDEX "remittance_number" ON "remittance" ("number")',
    'CREATE INDEX "remittance_authority" ON "remittance" ("authority")',
    'CREATE INDEX "remittance_office_id_until_day" ON "remittance" ("office_id", "until_day")',
    (
        'CREATE TABLE "repeat_freight" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "item_id" '
        'INTEGER NOT NULL, "attempt" INTEGER NOT NULL, "fault" TEXT NOT NULL, "amount" INTEGER NOT NULL, '
        '"collected" INTEGER NOT NULL, "by" TEXT NOT NULL, "at" TEXT NOT NULL, FOREIGN KEY ("item_id") '
        'REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "repeat_freight_uid" ON "repeat_freight" ("uid")',
    'CREATE INDEX "repeat_freight_item_id" ON "repeat_freight" ("item_id")',
    'CREATE UNIQUE INDEX "repeat_freight_item_id_attempt" ON "repeat_freight" ("item_id", "attempt")',
    (
        'CREATE TABLE "report_cursor" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, "kind" '
        'TEXT NOT NULL, "cursor" INTEGER NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "report_cursor_office_id_kind" ON "report_cursor" ("office_id", "kind")',
    (
        'CREATE TABLE "retired" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, "kind" '
        'TEXT NOT NULL, "at" TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE '
        "RESTRICT)"
    ),
    'CREATE INDEX "retired_dossier_id" ON "retired" ("dossier_id")',
    'CREATE UNIQUE INDEX "retired_dossier_id_kind" ON "retired" ("dossier_id", "kind")',
    (
        'CREATE TABLE "return_minutes" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" BLOB NOT NULL, "number" TEXT NOT NULL, "agency" TEXT NOT NULL, '
        '"receiver" TEXT NOT NULL, "made_by" TEXT NOT NULL, "made_at" TEXT NOT NULL, "signed_at" TEXT)'
    ),
    'CREATE UNIQUE INDEX "return_minutes_uid" ON "return_minutes" ("uid")',
    'CREATE UNIQUE INDEX "return_minutes_office_id_number" ON "return_minutes" ("office_id", "number")',
    'CREATE INDEX "return_minutes_office_id_signed_at" ON "return_minutes" ("office_id", "signed_at")',
    (
        'CREATE TABLE "take_back" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "item_id" '
        'INTEGER NOT NULL, "office_id" TEXT NOT NULL, "name" TEXT NOT NULL, "quantity" INTEGER NOT NULL, '
        '"required" INTEGER NOT NULL, "state" TEXT NOT NULL, "holder" TEXT NOT NULL, "reason" TEXT NOT '
        'NULL, "changed_at" TEXT NOT NULL, FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "take_back_uid" ON "take_back" ("uid")',
    'CREATE INDEX "take_back_item_id" ON "take_back" ("item_id")',
    'CREATE INDEX "take_back_office_id_state" ON "take_back" ("office_id", "state")',
    (
        'CREATE TABLE "return_line" ("id" INTEGER NOT NULL PRIMARY KEY, "minutes_id" INTEGER NOT NULL, '
        '"item_id" INTEGER NOT NULL, "paper_id" INTEGER, "reason" TEXT NOT NULL, FOREIGN KEY ("minutes_id") '
        'REFERENCES "return_minutes" ("id") ON DELETE RESTRICT, FOREIGN KEY ("item_id") REFERENCES "item" '
        '("id") ON DELETE RESTRICT, FOREIGN KEY ("paper_id") REFERENCES "take_back" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "return_line_minutes_id" ON "return_line" ("minutes_id")',
    'CREATE INDEX "return_line_item_id" ON "return_line" ("item_id")',
    'CREATE INDEX "return_line_paper_id" ON "return_line" ("paper_id")',
    (
        'CREATE UNIQUE INDEX "return_line_minutes_id_item_id_paper_id" ON "return_line" ("minutes_id", '
        '"item_id", "paper_id")'
    ),
    (
        'CREATE TABLE "reversal" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" BLOB NOT NULL, "entry" BLOB NOT NULL, "reason" TEXT NOT NULL, '
        '"asked_by" TEXT NOT NULL, "asked_at" TEXT NOT NULL, "state" TEXT NOT NULL, "answered_by" TEXT NOT '
        'NULL, "answered_at" TEXT)'
    ),
    'CREATE UNIQUE INDEX "reversal_uid" ON "reversal" ("uid")',
    'CREATE UNIQUE INDEX "reversal_entry" ON "reversal" ("entry")',
    (
        'CREATE TABLE "round_row" ("id" INTEGER NOT NULL PRIMARY KEY, "phone_uid" BLOB NOT NULL, "number" '
        'TEXT NOT NULL, "digest" TEXT NOT NULL, "version" INTEGER NOT NULL, "gone" INTEGER NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "round_row_phone_uid_number" ON "round_row" ("phone_uid", "number")',
    'CREATE INDEX "round_row_phone_uid_version" ON "round_row" ("phone_uid", "version")',
    (
        'CREATE TABLE "scan_event" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" BLOB NOT NULL, "device" TEXT NOT NULL, "at" TEXT NOT NULL, '
        '"raw" BLOB, "length" INTEGER NOT NULL, "aim" TEXT NOT NULL, "symbology" TEXT NOT NULL, "kind" '
        'TEXT NOT NULL, "gap_ms" INTEGER, "repeat" INTEGER NOT NULL, "torn" INTEGER NOT NULL, "note" TEXT '
        'NOT NULL, "taken_at" TEXT, "taken_by" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "scan_event_uid" ON "scan_event" ("uid")',
    'CREATE INDEX "scan_event_terminal_id_id" ON "scan_event" ("terminal_id", "id")',
    'CREATE INDEX "scan_event_at" ON "scan_event" ("at")',
    'CREATE INDEX "scan_event_raw" ON "scan_event" ("at") WHERE raw IS NOT NULL',
    (
        'CREATE TABLE "schema_migration" ("name" TEXT NOT NULL PRIMARY KEY, "checksum" TEXT NOT NULL, '
        '"applied_at" TEXT NOT NULL)'
    ),
    (
        'CREATE TABLE "screen_event" ("id" INTEGER NOT NULL PRIMARY KEY, "at" TEXT NOT NULL, "office_id" '
        'TEXT NOT NULL, "terminal_id" TEXT NOT NULL, "kind" TEXT NOT NULL, "dossier_uid" BLOB)'
    ),
    (
        'CREATE TABLE "seal_fact" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "parcel_id" '
        'INTEGER NOT NULL, "seal" TEXT NOT NULL, "seen" TEXT NOT NULL, "fact" TEXT NOT NULL, "seen_by" TEXT '
        'NOT NULL, "witness" TEXT NOT NULL, "at" TEXT NOT NULL, "recorded_at" TEXT NOT NULL, FOREIGN KEY '
        '("parcel_id") REFERENCES "parcel" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "seal_fact_uid" ON "seal_fact" ("uid")',
    'CREATE INDEX "seal_fact_parcel_id" ON "seal_fact" ("parcel_id")',
    (
        'CREATE TABLE "session" ("id" INTEGER NOT NULL PRIMARY KEY, "token_sha256" TEXT NOT NULL, "user_id" '
        'INTEGER NOT NULL, "terminal_id" TEXT NOT NULL, "created_at" TEXT NOT NULL, "seen_at" TEXT NOT NULL, '
        '"expires_at" TEXT NOT NULL, "csrf" TEXT NOT NULL, FOREIGN KEY ("user_id") REFERENCES "users" '
        '("id") ON DELETE CASCADE)'
    ),
    'CREATE UNIQUE INDEX "session_token_sha256" ON "session" ("token_sha256")',
    'CREATE INDEX "session_user_id" ON "session" ("user_id")',
    'CREATE INDEX "session_expires_at" ON "session" ("expires_at")',
    (
        'CREATE TABLE "shift" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, "terminal_id" '
        'TEXT NOT NULL, "uid" BLOB NOT NULL, "username" TEXT NOT NULL, "state" TEXT NOT NULL, "open_key" '
        'TEXT, "opened_at" TEXT NOT NULL, "float_counts" TEXT NOT NULL, "float_amount" INTEGER NOT NULL, '
        '"counts" TEXT, "counted_amount" INTEGER, "expected_amount" INTEGER, "counted_at" TEXT, "closed_at" TEXT)'
    ),
    'CREATE UNIQUE INDEX "shift_uid" ON "shift" ("uid")',
    'CREATE INDEX "shift_username" ON "shift" ("username")',
    'CREATE UNIQUE INDEX "shift_open_key" ON "shift" ("open_key")',
    'CREATE INDEX "shift_office_id_opened_at" ON "shift" ("office_id", "opened_at")',
    (
        'CREATE TABLE "statement" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "office_id" '
        'TEXT NOT NULL, "month" TEXT NOT NULL, "revision" INTEGER NOT NULL, "number" TEXT NOT NULL, "body" '
        'TEXT NOT NULL, "digest" TEXT NOT NULL, "office_signed_at" TEXT NOT NULL, "office_signed_by" TEXT NOT '
        'NULL, "office_signed_name" TEXT NOT NULL, "province_signed_at" TEXT, "province_signed_by" TEXT NOT '
        'NULL, "province_signed_name" TEXT NOT NULL, "returned_at" TEXT, "returned_by" TEXT NOT NULL, '
        '"reason" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "statement_uid" ON "statement" ("uid")',
    'CREATE UNIQUE INDEX "statement_number" ON "statement" ("number")',
    'CREATE UNIQUE INDEX "statement_office_id_month_revision" ON "statement" ("office_id", "month", "revision")',
    (
        'CREATE TABLE "statement_file" ("id" INTEGER NOT NULL PRIMARY KEY, "sha256" TEXT NOT NULL, '
        '"office_id" TEXT NOT NULL, "account" TEXT NOT NULL, "lines" TEXT NOT NULL, "imported_by" TEXT NOT '
        'NULL, "imported_at" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "statement_file_sha256" ON "statement_file" ("sha256")',
    'CREATE INDEX "statement_file_office_id" ON "statement_file" ("office_id")',
    (
        'CREATE TABLE "statement_line" ("id" INTEGER NOT NULL PRIMARY KEY, "statement_id" INTEGER NOT NULL, '
        '"key" TEXT NOT NULL, "period" TEXT NOT NULL, "procedure_code" TEXT NOT NULL, "procedure_name" TEXT '
        'NOT NULL, "received" INTEGER NOT NULL, "delivered" INTEGER NOT NULL, "state" INTEGER NOT NULL, '
        '"freight" INTEGER NOT NULL, "collected" INTEGER NOT NULL, "corrected" INTEGER NOT NULL, FOREIGN KEY '
        '("statement_id") REFERENCES "statement" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "statement_line_statement_id" ON "statement_line" ("statement_id")',
    'CREATE INDEX "statement_line_statement_id_key" ON "statement_line" ("statement_id", "key")',
    'CREATE INDEX "statement_line_key_period" ON "statement_line" ("key", "period")',
    (
        'CREATE TABLE "status_message" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, '
        '"version" INTEGER NOT NULL, "status" INTEGER NOT NULL, "at" TEXT NOT NULL, "body" TEXT NOT NULL, '
        '"handler" TEXT NOT NULL, "note" TEXT NOT NULL, "applied" TEXT NOT NULL, "detail" TEXT NOT NULL, '
        'FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "status_message_dossier_id" ON "status_message" ("dossier_id")',
    'CREATE UNIQUE INDEX "status_message_dossier_id_version" ON "status_message" ("dossier_id", "version")',
    (
        'CREATE TABLE "supplement" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "dossier_id" '
        'INTEGER NOT NULL, "round" INTEGER NOT NULL, "state" TEXT NOT NULL, "requests" TEXT NOT NULL, '
        '"asked_at" TEXT NOT NULL, "due_on" TEXT, "key" TEXT NOT NULL, "answered_at" TEXT, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "supplement_uid" ON "supplement" ("uid")',
    'CREATE INDEX "supplement_dossier_id" ON "supplement" ("dossier_id")',
    'CREATE UNIQUE INDEX "supplement_dossier_id_round" ON "supplement" ("dossier_id", "round")',
    (
        'CREATE TABLE "survey" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, '
        '"office_id" TEXT NOT NULL, "score" INTEGER NOT NULL, "words" TEXT NOT NULL, "answered_at" TEXT NOT '
        'NULL, "changed_at" TEXT NOT NULL, "fixed_at" TEXT NOT NULL, "state" TEXT NOT NULL, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "survey_dossier_id" ON "survey" ("dossier_id")',
    'CREATE INDEX "survey_state_fixed_at" ON "survey" ("state", "fixed_at")',
    'CREATE INDEX "survey_office_id_answered_at" ON "survey" ("office_id", "answered_at")',
    (
        'CREATE TABLE "take_back_move" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "paper_id" '
        'INTEGER NOT NULL, "from_holder" TEXT NOT NULL, "to_holder" TEXT NOT NULL, "by" TEXT NOT NULL, "at" '
        'TEXT NOT NULL, FOREIGN KEY ("paper_id") REFERENCES "take_back" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "take_back_move_uid" ON "take_back_move" ("uid")',
    'CREATE INDEX "take_back_move_paper_id" ON "take_back_move" ("paper_id")',
    (
        'CREATE TABLE "try_bucket" ("key" INTEGER NOT NULL PRIMARY KEY, "full_at" INTEGER NOT NULL, '
        '"tried_at" INTEGER NOT NULL)'
    ),
    (
        'CREATE TABLE "extracted_value" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, '
        '"component_id" INTEGER NOT NULL, "field" TEXT NOT NULL, "value" TEXT NOT NULL, "read" TEXT NOT '
        'NULL, "confidence" INTEGER NOT NULL, "page" BLOB, "box" TEXT NOT NULL, "source" TEXT NOT NULL, '
        '"doubt" TEXT NOT NULL, "state" TEXT NOT NULL, "by" TEXT NOT NULL, "at" TEXT NOT NULL, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN KEY ("component_id") '
        'REFERENCES "component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "extracted_value_dossier_id" ON "extracted_value" ("dossier_id")',
    'CREATE INDEX "extracted_value_component_id" ON "extracted_value" ("component_id")',
    'CREATE UNIQUE INDEX "extracted_value_component_id_field" ON "extracted_value" ("component_id", "field")',
    (
        "CREATE TRIGGER journal_entry_no_update BEFORE UPDATE ON journal_entry BEGIN SELECT RAISE(ABORT, "
        "'journal_entry is append-only'); END"
    ),
    (
        "CREATE TRIGGER journal_entry_no_delete BEFORE DELETE ON journal_entry BEGIN SELECT RAISE(ABORT, "
        "'journal_entry is append-only'); END"
    ),
    (
        "CREATE TRIGGER money_entry_no_update BEFORE UPDATE ON money_entry BEGIN SELECT RAISE(ABORT, 'money_entry is "
        "append-only'); END"
    ),
    (
        "CREATE TRIGGER money_entry_no_delete BEFORE DELETE ON money_entry BEGIN SELECT RAISE(ABORT, 'money_entry is "
        "append-only'); END"
    ),
    (
        "CREATE TRIGGER money_leg_no_update BEFORE UPDATE ON money_leg BEGIN SELECT RAISE(ABORT, 'money_leg is "
        "append-only'); END"
    ),
    (
        "CREATE TRIGGER money_leg_no_delete BEFORE DELETE ON money_leg BEGIN SELECT RAISE(ABORT, 'money_leg is "
        "append-only'); END"
    ),
    (
        "CREATE VIRTUAL TABLE search_name USING fts5(words, office_id UNINDEXED, tokenize = 'ascii', detail = "
        "'none', prefix = '1 2 3 4 5 6')"
    ),
    "INSERT INTO search_name(search_name, rank) VALUES ('secure-delete', 1)",
    (
        "CREATE TABLE search_key (key TEXT NOT NULL, dossier_id INTEGER NOT NULL, office_id TEXT NOT NULL, PRIMARY "
        "KEY (key, dossier_id)) WITHOUT ROWID"
    ),
    "CREATE INDEX search_key_dossier ON search_key (dossier_id)",
)

POSTGRESQL = (
    (
        'CREATE TABLE "access_log" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "at" TIMESTAMPTZ NOT NULL, "actor" '
        'TEXT NOT NULL, "office_id" TEXT NOT NULL, "dossier_uid" UUID, "purpose" TEXT NOT NULL, "what" TEXT '
        "NOT NULL)"
    ),
    'CREATE INDEX "access_log_at" ON "access_log" ("at")',
    'CREATE INDEX "access_log_actor" ON "access_log" ("actor")',
    'CREATE INDEX "access_log_office_id" ON "access_log" ("office_id")',
    'CREATE INDEX "access_log_dossier_uid" ON "access_log" ("dossier_uid")',
    (
        'CREATE TABLE "users" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "username" TEXT NOT NULL, "full_name" '
        'TEXT NOT NULL, "role" TEXT NOT NULL, "office_id" TEXT NOT NULL, "password_hash" TEXT NOT NULL, '
        '"active" BOOLEAN NOT NULL, "created_at" TIMESTAMPTZ NOT NULL, "failed_count" BIGINT NOT NULL, '
        '"locked_until" TIMESTAMPTZ)'
    ),
    'CREATE UNIQUE INDEX "users_username" ON "users" ("username")',
    'CREATE INDEX "users_office_id" ON "users" ("office_id")',
    (
        'CREATE TABLE "api_client" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, '
        '"token_sha256" TEXT NOT NULL, "scopes" TEXT NOT NULL, "office_id" TEXT NOT NULL, "user_id" BIGINT '
        'NOT NULL, "created_at" TIMESTAMPTZ NOT NULL, "revoked_at" TIMESTAMPTZ, FOREIGN KEY ("user_id") '
        'REFERENCES "users" ("id") ON DELETE CASCADE)'
    ),
    'CREATE UNIQUE INDEX "api_client_token_sha256" ON "api_client" ("token_sha256")',
    'CREATE INDEX "api_client_user_id" ON "api_client" ("user_id")',
    (
        'CREATE TABLE "dossier" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "office_id" TEXT '
        'NOT NULL, "terminal_id" TEXT NOT NULL, "provisional" TEXT NOT NULL, "official" TEXT, '
        '"procedure_code" TEXT NOT NULL, "procedure_version" BIGINT NOT NULL, "procedure_name" TEXT NOT '
        'NULL, "case" TEXT NOT NULL, "agency" TEXT NOT NULL, "channel" TEXT NOT NULL, "content" TEXT NOT '
        'NULL, "state" TEXT NOT NULL, "province_status" BIGINT NOT NULL, "province_version" BIGINT NOT NULL, '
        '"received_at" TIMESTAMPTZ NOT NULL, "postmark_at" TIMESTAMPTZ, "filed_at" TIMESTAMPTZ, '
        '"transfer_by" TIMESTAMPTZ, "due_at" TIMESTAMPTZ, "due_calculation" TEXT NOT NULL, "return_way" '
        'TEXT NOT NULL, "public_token" TEXT NOT NULL, "salt" BYTEA NOT NULL, "draft_uid" UUID, '
        '"label_scanned_at" TIMESTAMPTZ, "label_attempt" BIGINT NOT NULL, "submission" BIGINT NOT NULL, '
        '"problem" TEXT NOT NULL, "created_by" TEXT NOT NULL, "updated_at" TIMESTAMPTZ NOT NULL, "closed_at" '
        "TIMESTAMPTZ)"
    ),
    'CREATE UNIQUE INDEX "dossier_uid" ON "dossier" ("uid")',
    'CREATE UNIQUE INDEX "dossier_provisional" ON "dossier" ("provisional")',
    'CREATE UNIQUE INDEX "dossier_official" ON "dossier" ("official")',
    'CREATE UNIQUE INDEX "dossier_public_token" ON "dossier" ("public_token")',
    'CREATE UNIQUE INDEX "dossier_draft_uid" ON "dossier" ("draft_uid")',
    'CREATE INDEX "dossier_office_id_state_id" ON "dossier" ("office_id", "state", "id")',
    'CREATE INDEX "dossier_office_id_state_due_at" ON "dossier" ("office_id", "state", "due_at")',
    'CREATE INDEX "dossier_office_id_received_at" ON "dossier" ("office_id", "received_at")',
    (
        'CREATE TABLE "item" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "number" TEXT NOT '
        'NULL, "dossier_id" BIGINT NOT NULL, "office_id" TEXT NOT NULL, "state" TEXT NOT NULL, "holder" '
        'TEXT NOT NULL, "offered_to" TEXT NOT NULL, "attempts" BIGINT NOT NULL, "collect" BIGINT NOT NULL, '
        '"created_at" TIMESTAMPTZ NOT NULL, "updated_at" TIMESTAMPTZ NOT NULL, "bag" TEXT NOT NULL, '
        '"counted" BIGINT NOT NULL, "held_since" TIMESTAMPTZ, "held_by" UUID, "offered_at" TIMESTAMPTZ, '
        '"last_event" UUID, "events" BIGINT NOT NULL, "conflicts" BIGINT NOT NULL, "pending" BIGINT NOT '
        'NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "item_uid" ON "item" ("uid")',
    'CREATE UNIQUE INDEX "item_number" ON "item" ("number")',
    'CREATE INDEX "item_dossier_id" ON "item" ("dossier_id")',
    'CREATE INDEX "item_bag" ON "item" ("bag")',
    'CREATE INDEX "item_office_id_state" ON "item" ("office_id", "state")',
    'CREATE INDEX "item_holder_state" ON "item" ("holder", "state")',
    (
        'CREATE INDEX "item_office_id_holder_state_held_since" ON "item" ("office_id", "holder", '
        '"state", "held_since")'
    ),
    (
        'CREATE TABLE "authorisation" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "item_id" '
        'BIGINT NOT NULL, "kind" TEXT NOT NULL, "number" TEXT NOT NULL, "signed_on" DATE NOT NULL, '
        '"valid_until" DATE, "proxy" TEXT NOT NULL, "identity_last4" TEXT NOT NULL, "photo_sha256" TEXT, '
        '"kept_by" TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "withdrawn_at" TIMESTAMPTZ, FOREIGN KEY '
        '("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "authorisation_uid" ON "authorisation" ("uid")',
    'CREATE INDEX "authorisation_item_id" ON "authorisation" ("item_id")',
    'CREATE INDEX "authorisation_photo_sha256" ON "authorisation" ("photo_sha256")',
    (
        'CREATE TABLE "awaited_report" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, '
        '"kind" TEXT NOT NULL, "error" TEXT NOT NULL, "retry_at" TIMESTAMPTZ, FOREIGN KEY ("dossier_id") '
        'REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "awaited_report_dossier_id" ON "awaited_report" ("dossier_id")',
    'CREATE UNIQUE INDEX "awaited_report_dossier_id_kind" ON "awaited_report" ("dossier_id", "kind")',
    (
        'CREATE TABLE "parcel" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "number" TEXT '
        'NOT NULL, "kind" TEXT NOT NULL, "way" TEXT NOT NULL, "office_id" TEXT NOT NULL, "agency" TEXT NOT '
        'NULL, "dossier_id" BIGINT, "papers" BIGINT NOT NULL, "state" TEXT NOT NULL, "holder" TEXT NOT '
        'NULL, "offered_to" TEXT NOT NULL, "bag" TEXT NOT NULL, "seal" TEXT NOT NULL, "seal_state" TEXT '
        'NOT NULL, "closed_at" TIMESTAMPTZ, "done_at" TIMESTAMPTZ, "created_at" TIMESTAMPTZ NOT NULL, '
        '"updated_at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE '
        "RESTRICT)"
    ),
    'CREATE UNIQUE INDEX "parcel_uid" ON "parcel" ("uid")',
    'CREATE UNIQUE INDEX "parcel_number" ON "parcel" ("number")',
    'CREATE INDEX "parcel_dossier_id" ON "parcel" ("dossier_id")',
    'CREATE INDEX "parcel_office_id_kind_way_done_at" ON "parcel" ("office_id", "kind", "way", "done_at")',
    'CREATE INDEX "parcel_holder_done_at" ON "parcel" ("holder", "done_at")',
    'CREATE INDEX "parcel_dossier_id_way" ON "parcel" ("dossier_id", "way")',
    (
        'CREATE TABLE "bag_line" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "bag_id" BIGINT NOT NULL, "number" '
        'TEXT NOT NULL, "inside" TEXT, "item_id" BIGINT, "parcel_id" BIGINT, "put_at" TIMESTAMPTZ NOT '
        'NULL, "put_by" TEXT NOT NULL, "out_at" TIMESTAMPTZ, "out_by" TEXT NOT NULL, FOREIGN KEY ("bag_id") '
        'REFERENCES "parcel" ("id") ON DELETE RESTRICT, FOREIGN KEY ("item_id") REFERENCES "item" ("id") '
        'ON DELETE RESTRICT, FOREIGN KEY ("parcel_id") REFERENCES "parcel" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "bag_line_bag_id" ON "bag_line" ("bag_id")',
    'CREATE UNIQUE INDEX "bag_line_inside" ON "bag_line" ("inside")',
    'CREATE INDEX "bag_line_item_id" ON "bag_line" ("item_id")',
    'CREATE INDEX "bag_line_parcel_id" ON "bag_line" ("parcel_id")',
    (
        'CREATE TABLE "bank_line" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" UUID NOT NULL, "fingerprint" TEXT NOT NULL, "account" TEXT NOT '
        'NULL, "reference" TEXT NOT NULL, "on" DATE NOT NULL, "amount" BIGINT NOT NULL, "description" TEXT '
        'NOT NULL, "purpose" TEXT NOT NULL, "dossier_id" BIGINT, "verdict" TEXT NOT NULL, "state" TEXT NOT '
        'NULL, "booked" TEXT NOT NULL, "repair" TEXT NOT NULL, "repaired_by" TEXT NOT NULL, "repaired_at" '
        'TIMESTAMPTZ, "imported_at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" '
        '("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "bank_line_uid" ON "bank_line" ("uid")',
    'CREATE UNIQUE INDEX "bank_line_fingerprint" ON "bank_line" ("fingerprint")',
    'CREATE INDEX "bank_line_reference" ON "bank_line" ("reference")',
    'CREATE INDEX "bank_line_dossier_id" ON "bank_line" ("dossier_id")',
    'CREATE INDEX "bank_line_office_id_state" ON "bank_line" ("office_id", "state")',
    (
        'CREATE TABLE "bucket_sum" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "bucket" TEXT NOT NULL, '
        '"office_id" TEXT NOT NULL, "count" BIGINT NOT NULL, "digest" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "bucket_sum_bucket" ON "bucket_sum" ("bucket")',
    'CREATE INDEX "bucket_sum_office_id" ON "bucket_sum" ("office_id")',
    (
        'CREATE TABLE "calendar_entry" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "entry" UUID NOT NULL, '
        '"office_id" TEXT NOT NULL, "day" DATE NOT NULL, "kind" TEXT NOT NULL, "state" TEXT NOT NULL, '
        '"body" TEXT NOT NULL, "why" TEXT NOT NULL, "step" TEXT NOT NULL, "by" TEXT NOT NULL, "at" '
        "TIMESTAMPTZ NOT NULL)"
    ),
    'CREATE INDEX "calendar_entry_entry" ON "calendar_entry" ("entry")',
    'CREATE INDEX "calendar_entry_office_id_day" ON "calendar_entry" ("office_id", "day")',
    (
        'CREATE TABLE "cash_deposit" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" UUID NOT NULL, "giver" TEXT NOT NULL, "account" TEXT NOT NULL, '
        '"holder" TEXT NOT NULL, "declared" BIGINT NOT NULL, "parts" TEXT NOT NULL, "float_part" BIGINT NOT '
        'NULL, "declared_at" TIMESTAMPTZ NOT NULL, "state" TEXT NOT NULL, "receiver" TEXT NOT NULL, '
        '"counts" TEXT, "counted" BIGINT, "counted_at" TIMESTAMPTZ)'
    ),
    'CREATE UNIQUE INDEX "cash_deposit_uid" ON "cash_deposit" ("uid")',
    'CREATE INDEX "cash_deposit_giver" ON "cash_deposit" ("giver")',
    'CREATE INDEX "cash_deposit_office_id_state" ON "cash_deposit" ("office_id", "state")',
    (
        'CREATE TABLE "cash_seen" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "username" TEXT NOT NULL, "account" TEXT NOT NULL, "holder" TEXT NOT '
        'NULL, "entry" BIGINT NOT NULL, "at" TIMESTAMPTZ NOT NULL)'
    ),
    'CREATE INDEX "cash_seen_username_account_holder" ON "cash_seen" ("username", "account", "holder")',
    (
        'CREATE TABLE "cash_variance" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" UUID NOT NULL, "kind" TEXT NOT NULL, "subject" UUID NOT NULL, '
        '"maker" TEXT NOT NULL, "counter" TEXT NOT NULL, "amount" BIGINT NOT NULL, "found_at" TIMESTAMPTZ '
        'NOT NULL, "state" TEXT NOT NULL, "explanation" TEXT NOT NULL, "remedy" TEXT NOT NULL, '
        '"explained_by" TEXT NOT NULL, "explained_at" TIMESTAMPTZ, "answer" TEXT NOT NULL, '
        '"countersigned_by" TEXT NOT NULL, "countersigned_at" TIMESTAMPTZ, "paid_at" TIMESTAMPTZ)'
    ),
    'CREATE UNIQUE INDEX "cash_variance_uid" ON "cash_variance" ("uid")',
    'CREATE INDEX "cash_variance_office_id_state" ON "cash_variance" ("office_id", "state")',
    'CREATE UNIQUE INDEX "cash_variance_kind_subject" ON "cash_variance" ("kind", "subject")',
    (
        'CREATE TABLE "catalogue_edition" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "sha256" TEXT NOT NULL, '
        '"text" TEXT NOT NULL, "loaded_at" TIMESTAMPTZ NOT NULL, "loaded_by" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "catalogue_edition_sha256" ON "catalogue_edition" ("sha256")',
    (
        'CREATE TABLE "citizen_task" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "dossier_id" '
        'BIGINT NOT NULL, "office_id" TEXT NOT NULL, "kind" TEXT NOT NULL, "version" BIGINT NOT NULL, '
        '"facts" TEXT NOT NULL, "raised_at" TIMESTAMPTZ NOT NULL, "until" TIMESTAMPTZ, "done_at" '
        'TIMESTAMPTZ, "done_by" TEXT NOT NULL, "way" TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES '
        '"dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "citizen_task_uid" ON "citizen_task" ("uid")',
    'CREATE INDEX "citizen_task_dossier_id" ON "citizen_task" ("dossier_id")',
    (
        'CREATE UNIQUE INDEX "citizen_task_dossier_id_kind_version" ON "citizen_task" ("dossier_id", '
        '"kind", "version")'
    ),
    'CREATE INDEX "citizen_task_office_id_done_at_id" ON "citizen_task" ("office_id", "done_at", "id")',
    (
        'CREATE TABLE "claim" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" UUID NOT NULL, "number" TEXT NOT NULL, "item_id" BIGINT NOT '
        'NULL, "kind" TEXT NOT NULL, "state" TEXT NOT NULL, "rules" TEXT NOT NULL, "complainant" TEXT NOT '
        'NULL, "contact" TEXT NOT NULL, "complained_on" DATE NOT NULL, "transit_ended_on" DATE NOT NULL, '
        '"in_province" BOOLEAN NOT NULL, "has_receipt" BOOLEAN NOT NULL, "freight" BIGINT NOT NULL, "damage" '
        'BIGINT NOT NULL, "reissue" BIGINT NOT NULL, "liability" BIGINT NOT NULL, "complain_by" DATE NOT '
        'NULL, "answer_by" DATE NOT NULL, "pay_by" DATE, "answered_at" TIMESTAMPTZ, "minutes_at" '
        'TIMESTAMPTZ, "paid_at" TIMESTAMPTZ, "closed_at" TIMESTAMPTZ, "owner" TEXT NOT NULL, "next_by" '
        'DATE, "opened_by" TEXT NOT NULL, "opened_at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("item_id") '
        'REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "claim_uid" ON "claim" ("uid")',
    'CREATE INDEX "claim_item_id" ON "claim" ("item_id")',
    'CREATE UNIQUE INDEX "claim_office_id_number" ON "claim" ("office_id", "number")',
    'CREATE INDEX "claim_office_id_closed_at_next_by" ON "claim" ("office_id", "closed_at", "next_by")',
    (
        'CREATE TABLE "claim_entry" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "claim_id" '
        'BIGINT NOT NULL, "kind" TEXT NOT NULL, "words" TEXT NOT NULL, "quantity" BIGINT NOT NULL, "amount" '
        'BIGINT NOT NULL, "detail" TEXT NOT NULL, "by" TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, FOREIGN KEY '
        '("claim_id") REFERENCES "claim" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "claim_entry_uid" ON "claim_entry" ("uid")',
    'CREATE INDEX "claim_entry_claim_id" ON "claim_entry" ("claim_id")',
    (
        'CREATE TABLE "component" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "dossier_id" '
        'BIGINT NOT NULL, "round" BIGINT NOT NULL, "position" BIGINT NOT NULL, "code" TEXT NOT NULL, "name" '
        'TEXT NOT NULL, "doc_type" TEXT NOT NULL, "form" TEXT NOT NULL, "quantity" BIGINT NOT NULL, '
        '"handling" TEXT NOT NULL, "required" BOOLEAN NOT NULL, "reused_from" TEXT NOT NULL, '
        '"exception_reason" TEXT NOT NULL, "exception_by" TEXT NOT NULL, "original_returned_at" TIMESTAMPTZ, '
        'FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "component_uid" ON "component" ("uid")',
    'CREATE INDEX "component_dossier_id" ON "component" ("dossier_id")',
    (
        'CREATE UNIQUE INDEX "component_dossier_id_round_position" ON "component" ("dossier_id", "round", '
        '"position")'
    ),
    (
        'CREATE TABLE "contact" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, "name" '
        'TEXT NOT NULL, "phone" TEXT NOT NULL, "email" TEXT NOT NULL, "address" TEXT NOT NULL, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "contact_dossier_id" ON "contact" ("dossier_id")',
    (
        'CREATE TABLE "custody_conflict" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, '
        '"office_id" TEXT NOT NULL, "item_id" BIGINT NOT NULL, "kind" TEXT NOT NULL, "stands" UUID, '
        '"disputes" UUID NOT NULL, "words" TEXT NOT NULL, "raised_at" TIMESTAMPTZ NOT NULL, "decided_at" '
        'TIMESTAMPTZ, "decided_by" TEXT NOT NULL, "decision" TEXT NOT NULL, FOREIGN KEY ("item_id") '
        'REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "custody_conflict_uid" ON "custody_conflict" ("uid")',
    'CREATE INDEX "custody_conflict_item_id" ON "custody_conflict" ("item_id")',
    'CREATE INDEX "custody_conflict_office_id_decided_at" ON "custody_conflict" ("office_id", "decided_at")',
    'CREATE INDEX "custody_conflict_disputes" ON "custody_conflict" ("disputes")',
    (
        'CREATE TABLE "custody_event" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "item_id" '
        'BIGINT NOT NULL, "step" TEXT NOT NULL, "from_holder" TEXT NOT NULL, "to_holder" TEXT NOT NULL, '
        '"occurred_at" TIMESTAMPTZ NOT NULL, "recorded_at" TIMESTAMPTZ NOT NULL, "actor" TEXT NOT NULL, '
        '"device" TEXT NOT NULL, "device_seq" BIGINT, "parent" UUID, "capture" TEXT NOT NULL, "reason" '
        'TEXT NOT NULL, "action" TEXT NOT NULL, "upu_code" TEXT NOT NULL, "bag" TEXT NOT NULL, "note" TEXT '
        'NOT NULL, "evidence" TEXT NOT NULL, "place" BIGINT NOT NULL, "corrects" UUID, "countersigned_by" '
        'TEXT NOT NULL, "declined" BOOLEAN NOT NULL, "uncertain_ms" BIGINT NOT NULL, "origin" UUID, FOREIGN '
        'KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "custody_event_uid" ON "custody_event" ("uid")',
    'CREATE INDEX "custody_event_item_id" ON "custody_event" ("item_id")',
    'CREATE INDEX "custody_event_item_id_place" ON "custody_event" ("item_id", "place")',
    (
        'CREATE TABLE "daily_number" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "day" '
        'DATE NOT NULL, "last" BIGINT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "daily_number_name_day" ON "daily_number" ("name", "day")',
    (
        'CREATE TABLE "route" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "office_id" TEXT '
        'NOT NULL, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "courier" TEXT NOT NULL, "areas" TEXT NOT '
        'NULL, "active" BOOLEAN NOT NULL, "changed_by" TEXT NOT NULL, "changed_at" TIMESTAMPTZ NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "route_uid" ON "route" ("uid")',
    'CREATE UNIQUE INDEX "route_office_id_code" ON "route" ("office_id", "code")',
    (
        'CREATE TABLE "delivery_list" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" UUID NOT NULL, "number" TEXT NOT NULL, "day" DATE NOT NULL, '
        '"courier" TEXT NOT NULL, "route_id" BIGINT, "state" TEXT NOT NULL, "made_by" TEXT NOT NULL, '
        '"made_at" TIMESTAMPTZ NOT NULL, "offered_at" TIMESTAMPTZ, "closed_at" TIMESTAMPTZ, "closed_by" TEXT '
        'NOT NULL, FOREIGN KEY ("route_id") REFERENCES "route" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "delivery_list_uid" ON "delivery_list" ("uid")',
    'CREATE INDEX "delivery_list_route_id" ON "delivery_list" ("route_id")',
    'CREATE UNIQUE INDEX "delivery_list_office_id_number" ON "delivery_list" ("office_id", "number")',
    'CREATE INDEX "delivery_list_office_id_state_day" ON "delivery_list" ("office_id", "state", "day")',
    (
        'CREATE TABLE "device_event" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "phone_uid" '
        'UUID NOT NULL, "seq" BIGINT NOT NULL, "previous" TEXT NOT NULL, "hash" TEXT NOT NULL, "office_id" '
        'TEXT NOT NULL, "courier" TEXT NOT NULL, "received_at" TIMESTAMPTZ NOT NULL, "claimed_at" '
        'TIMESTAMPTZ, "corrected_at" TIMESTAMPTZ, "uncertain_ms" BIGINT NOT NULL, "monotonic_ms" BIGINT NOT '
        'NULL, "boot" UUID, "offset_ms" BIGINT, "step" TEXT NOT NULL, "item_id" BIGINT, "number" TEXT '
        'NOT NULL, "parent" UUID, "verdict" TEXT NOT NULL, "code" TEXT NOT NULL, "message" TEXT NOT NULL, '
        '"awaits" TEXT NOT NULL, "broken" BOOLEAN NOT NULL, "decided_at" TIMESTAMPTZ, "body" TEXT NOT NULL, '
        'FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "device_event_item_id" ON "device_event" ("item_id")',
    'CREATE UNIQUE INDEX "device_event_uid_hash" ON "device_event" ("uid", "hash")',
    'CREATE INDEX "device_event_phone_uid_seq" ON "device_event" ("phone_uid", "seq")',
    'CREATE INDEX "device_event_item_id_verdict" ON "device_event" ("item_id", "verdict")',
    'CREATE INDEX "device_event_office_id_verdict" ON "device_event" ("office_id", "verdict")',
    'CREATE INDEX "device_event_awaits" ON "device_event" ("awaits")',
    (
        'CREATE TABLE "device_setup" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "name" TEXT NOT NULL, "role" TEXT, "line" TEXT, "known_as" TEXT '
        'NOT NULL, "known_at" TEXT NOT NULL, "trace_until" TIMESTAMPTZ, "changed_at" TIMESTAMPTZ NOT NULL, '
        '"changed_by" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "device_setup_terminal_id_name" ON "device_setup" ("terminal_id", "name")',
    (
        'CREATE TABLE "device_status" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "name" TEXT NOT NULL, "role" TEXT NOT NULL, "kind" TEXT NOT NULL, '
        '"address" TEXT NOT NULL, "language" TEXT NOT NULL, "identity" TEXT NOT NULL, "connected" BOOLEAN '
        'NOT NULL, "ready" BOOLEAN, "words" TEXT NOT NULL, "said_at" TIMESTAMPTZ, "changed_at" TIMESTAMPTZ '
        "NOT NULL)"
    ),
    'CREATE UNIQUE INDEX "device_status_terminal_id_name" ON "device_status" ("terminal_id", "name")',
    (
        'CREATE TABLE "reconciliation_run" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, '
        '"office_id" TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "day" TEXT NOT NULL, "compared" BIGINT NOT '
        'NULL, "in_flight" BIGINT NOT NULL, "differences" BIGINT NOT NULL, "exchanged" BIGINT NOT NULL, '
        '"trips" BIGINT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "reconciliation_run_uid" ON "reconciliation_run" ("uid")',
    (
        'CREATE TABLE "difference" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "run_id" '
        'BIGINT NOT NULL, "office_id" TEXT NOT NULL, "bucket" TEXT NOT NULL, "key" TEXT NOT NULL, "number" '
        'TEXT NOT NULL, "kind" TEXT NOT NULL, "owner" TEXT NOT NULL, "ours" TEXT NOT NULL, "theirs" TEXT '
        'NOT NULL, "explanation" TEXT NOT NULL, "found_at" TIMESTAMPTZ NOT NULL, "closed_at" TIMESTAMPTZ, '
        '"closed_by" TEXT NOT NULL, "repair" TEXT NOT NULL, "reason" TEXT NOT NULL, "value" TEXT, FOREIGN '
        'KEY ("run_id") REFERENCES "reconciliation_run" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "difference_uid" ON "difference" ("uid")',
    'CREATE INDEX "difference_run_id" ON "difference" ("run_id")',
    'CREATE INDEX "difference_office_id_closed_at" ON "difference" ("office_id", "closed_at")',
    'CREATE INDEX "difference_key_kind" ON "difference" ("key", "kind")',
    (
        'CREATE TABLE "dossier_hold" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, '
        '"reason" TEXT NOT NULL, "by" TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "released_at" TIMESTAMPTZ, '
        '"released_by" TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "dossier_hold_dossier_id" ON "dossier_hold" ("dossier_id")',
    (
        'CREATE TABLE "draft" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "office_id" TEXT '
        'NOT NULL, "terminal_id" TEXT NOT NULL, "username" TEXT NOT NULL, "body" TEXT NOT NULL, "updated_at" '
        "TIMESTAMPTZ NOT NULL)"
    ),
    'CREATE UNIQUE INDEX "draft_uid" ON "draft" ("uid")',
    'CREATE INDEX "draft_username" ON "draft" ("username")',
    (
        'CREATE TABLE "erased_object" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, '
        '"sha256" TEXT NOT NULL, "terminal_id" TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "done_at" '
        'TIMESTAMPTZ, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "erased_object_dossier_id" ON "erased_object" ("dossier_id")',
    'CREATE INDEX "erased_object_sha256" ON "erased_object" ("sha256")',
    (
        'CREATE UNIQUE INDEX "erased_object_dossier_id_sha256_terminal_id" ON "erased_object" '
        '("dossier_id", "sha256", "terminal_id")'
    ),
    'CREATE INDEX "erased_object_terminal_id_done_at" ON "erased_object" ("terminal_id", "done_at")',
    (
        'CREATE TABLE "extraction_run" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, '
        '"component_id" BIGINT NOT NULL, "mark" TEXT NOT NULL, "kind" TEXT NOT NULL, "unread" BIGINT NOT '
        'NULL, "at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE '
        'RESTRICT, FOREIGN KEY ("component_id") REFERENCES "component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "extraction_run_dossier_id" ON "extraction_run" ("dossier_id")',
    'CREATE UNIQUE INDEX "extraction_run_component_id" ON "extraction_run" ("component_id")',
    (
        'CREATE TABLE "fee" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, "code" '
        'TEXT NOT NULL, "name" TEXT NOT NULL, "ledger" TEXT NOT NULL, "amount" BIGINT NOT NULL, "stage" '
        'TEXT NOT NULL, "paid_at" TIMESTAMPTZ, "paid_by" TEXT NOT NULL, "method" TEXT NOT NULL, '
        '"refunded_at" TIMESTAMPTZ, "refunded_by" TEXT NOT NULL, "waived_at" TIMESTAMPTZ, "waived_by" TEXT '
        'NOT NULL, "waived_reason" TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON '
        "DELETE RESTRICT)"
    ),
    'CREATE INDEX "fee_dossier_id" ON "fee" ("dossier_id")',
    (
        'CREATE TABLE "feed" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, "terminal_id" '
        'TEXT NOT NULL, "uid" UUID NOT NULL, "counted" BIGINT, "difference" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "feed_uid" ON "feed" ("uid")',
    (
        'CREATE TABLE "feedback" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "dossier_id" '
        'BIGINT NOT NULL, "office_id" TEXT NOT NULL, "kind" TEXT NOT NULL, "words" TEXT NOT NULL, '
        '"received_at" TIMESTAMPTZ NOT NULL, "due_at" TIMESTAMPTZ NOT NULL, "state" TEXT NOT NULL, "answer" '
        'TEXT NOT NULL, "answered_at" TIMESTAMPTZ, "answered_by" TEXT NOT NULL, "exported_at" TIMESTAMPTZ, '
        'FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "feedback_uid" ON "feedback" ("uid")',
    'CREATE INDEX "feedback_dossier_id" ON "feedback" ("dossier_id")',
    'CREATE INDEX "feedback_office_id_state_due_at" ON "feedback" ("office_id", "state", "due_at")',
    (
        'CREATE TABLE "feed_cursor" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"cursor" BIGINT NOT NULL, "contact_at" TIMESTAMPTZ, "clock_offset_ms" BIGINT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "feed_cursor_office_id" ON "feed_cursor" ("office_id")',
    (
        'CREATE TABLE "manifest" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "number" TEXT '
        'NOT NULL, "way" TEXT NOT NULL, "office_id" TEXT NOT NULL, "agency" TEXT NOT NULL, "from_holder" '
        'TEXT NOT NULL, "to_holder" TEXT NOT NULL, "announced_at" TIMESTAMPTZ NOT NULL, "announced_by" TEXT '
        'NOT NULL, "expected_at" TIMESTAMPTZ NOT NULL, "acknowledged_at" TIMESTAMPTZ, "acknowledged_by" TEXT '
        'NOT NULL, "closed_at" TIMESTAMPTZ, "bags" BIGINT NOT NULL, "things" BIGINT NOT NULL, "dossiers" '
        "BIGINT NOT NULL)"
    ),
    'CREATE UNIQUE INDEX "manifest_uid" ON "manifest" ("uid")',
    'CREATE UNIQUE INDEX "manifest_number" ON "manifest" ("number")',
    'CREATE INDEX "manifest_office_id_way_closed_at" ON "manifest" ("office_id", "way", "closed_at")',
    (
        'CREATE TABLE "minutes" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "number" TEXT '
        'NOT NULL, "kind" TEXT NOT NULL, "office_id" TEXT NOT NULL, "terminal_id" TEXT NOT NULL, "agency" '
        'TEXT NOT NULL, "manifest_id" BIGINT, "giver" TEXT NOT NULL, "taker" TEXT NOT NULL, "state" TEXT '
        'NOT NULL, "place" TEXT NOT NULL, "giver_name" TEXT NOT NULL, "receiver" TEXT NOT NULL, "how" TEXT '
        'NOT NULL, "signature_sha256" TEXT, "opened_at" TIMESTAMPTZ NOT NULL, "opened_by" TEXT NOT NULL, '
        '"signed_at" TIMESTAMPTZ, "signed_by" TEXT NOT NULL, "kept_at" TIMESTAMPTZ, "kept_by" TEXT NOT '
        'NULL, "digest" TEXT, "voided_at" TIMESTAMPTZ, FOREIGN KEY ("manifest_id") REFERENCES "manifest" '
        '("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "minutes_uid" ON "minutes" ("uid")',
    'CREATE UNIQUE INDEX "minutes_number" ON "minutes" ("number")',
    'CREATE INDEX "minutes_manifest_id" ON "minutes" ("manifest_id")',
    'CREATE INDEX "minutes_office_id_kind_state" ON "minutes" ("office_id", "kind", "state")',
    (
        'CREATE TABLE "filing_change" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, '
        '"office_id" TEXT NOT NULL, "minutes_id" BIGINT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "due_before" '
        'TIMESTAMPTZ, "due_after" TIMESTAMPTZ, "calculation" TEXT NOT NULL, "seen_at" TIMESTAMPTZ, "seen_by" '
        'TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN '
        'KEY ("minutes_id") REFERENCES "minutes" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "filing_change_dossier_id" ON "filing_change" ("dossier_id")',
    'CREATE INDEX "filing_change_minutes_id" ON "filing_change" ("minutes_id")',
    'CREATE INDEX "filing_change_office_id_seen_at" ON "filing_change" ("office_id", "seen_at")',
    (
        'CREATE TABLE "head_exchange" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"day" TEXT NOT NULL, "claimed_at" TIMESTAMPTZ NOT NULL, "done" BOOLEAN NOT NULL, "given" TEXT NOT '
        'NULL, "heads" TEXT NOT NULL, "conflicts" TEXT NOT NULL, "document" BYTEA, "signature" BYTEA)'
    ),
    'CREATE UNIQUE INDEX "head_exchange_office_id_day" ON "head_exchange" ("office_id", "day")',
    (
        'CREATE TABLE "idempotency" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "client" TEXT NOT NULL, "key" '
        'TEXT NOT NULL, "request_sha256" TEXT NOT NULL, "status" BIGINT NOT NULL, "body" TEXT NOT NULL, '
        '"created_at" TIMESTAMPTZ NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "idempotency_client_key" ON "idempotency" ("client", "key")',
    (
        'CREATE TABLE "page" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "dossier_id" BIGINT '
        'NOT NULL, "component_id" BIGINT, "position" BIGINT NOT NULL, "name" TEXT NOT NULL, "sha256" TEXT '
        'NOT NULL, "media" TEXT NOT NULL, "width" BIGINT NOT NULL, "height" BIGINT NOT NULL, "dpi" BIGINT, '
        '"origin" TEXT NOT NULL, "verdict" TEXT NOT NULL, "reason" TEXT NOT NULL, "findings" TEXT NOT '
        'NULL, "seen" TEXT NOT NULL, "turn" BIGINT NOT NULL, "accepted_by" TEXT NOT NULL, "accepted_reason" '
        'TEXT NOT NULL, "created_at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" '
        '("id") ON DELETE RESTRICT, FOREIGN KEY ("component_id") REFERENCES "component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "page_uid" ON "page" ("uid")',
    'CREATE INDEX "page_dossier_id" ON "page" ("dossier_id")',
    'CREATE INDEX "page_component_id" ON "page" ("component_id")',
    'CREATE INDEX "page_dossier_id_component_id_position" ON "page" ("dossier_id", "component_id", "position")',
    'CREATE INDEX "page_sha256_turn" ON "page" ("sha256", "turn")',
    (
        'CREATE TABLE "inbox_page" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" UUID NOT NULL, "feed" UUID NOT NULL, "position" BIGINT NOT '
        'NULL, "stack" UUID NOT NULL, "place" BIGINT NOT NULL, "origin" TEXT NOT NULL, "name" TEXT NOT '
        'NULL, "sha256" TEXT NOT NULL, "media" TEXT NOT NULL, "width" BIGINT NOT NULL, "height" BIGINT NOT '
        'NULL, "dpi" BIGINT, "verdict" TEXT NOT NULL, "reason" TEXT NOT NULL, "findings" TEXT NOT NULL, '
        '"seen" TEXT NOT NULL, "turn" BIGINT NOT NULL, "decided" TEXT NOT NULL, "to_dossier" TEXT NOT '
        'NULL, "to_component" TEXT NOT NULL, "accepted_by" TEXT NOT NULL, "accepted_reason" TEXT NOT NULL, '
        '"again_at" TIMESTAMPTZ, "arrived_at" TIMESTAMPTZ NOT NULL, "page_id" BIGINT, "filed_at" '
        'TIMESTAMPTZ, "discarded_at" TIMESTAMPTZ, "discarded_by" TEXT NOT NULL, "discarded_why" TEXT NOT '
        'NULL, FOREIGN KEY ("page_id") REFERENCES "page" ("id") ON DELETE SET NULL)'
    ),
    'CREATE UNIQUE INDEX "inbox_page_uid" ON "inbox_page" ("uid")',
    'CREATE INDEX "inbox_page_sha256" ON "inbox_page" ("sha256")',
    'CREATE INDEX "inbox_page_page_id" ON "inbox_page" ("page_id")',
    'CREATE UNIQUE INDEX "inbox_page_feed_position" ON "inbox_page" ("feed", "position")',
    'CREATE INDEX "inbox_page_stack" ON "inbox_page" ("stack")',
    (
        'CREATE INDEX "inbox_page_terminal_id_filed_at_discarded_at_id" ON "inbox_page" ("terminal_id", '
        '"filed_at", "discarded_at", "id")'
    ),
    (
        'CREATE TABLE "invitation" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "item_id" '
        'BIGINT NOT NULL, "number" BIGINT NOT NULL, "attempt" BIGINT NOT NULL, "collect_from" DATE NOT NULL, '
        '"collect_until" DATE NOT NULL, "made_by" TEXT NOT NULL, "made_at" TIMESTAMPTZ NOT NULL, '
        '"printed_at" TIMESTAMPTZ, "notice" TEXT NOT NULL, "left_in" UUID, "left_at" TIMESTAMPTZ, FOREIGN '
        'KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "invitation_uid" ON "invitation" ("uid")',
    'CREATE INDEX "invitation_item_id" ON "invitation" ("item_id")',
    'CREATE UNIQUE INDEX "invitation_item_id_number" ON "invitation" ("item_id", "number")',
    (
        'CREATE TABLE "item_plan" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "item_id" BIGINT NOT NULL, '
        '"office_id" TEXT NOT NULL, "action" TEXT NOT NULL, "decided" BIGINT NOT NULL, "redeliver_on" '
        'DATE, "held_until" DATE, "agreed" TEXT NOT NULL, "promised_in" UUID, "forward_kind" TEXT NOT '
        'NULL, "forward_to" TEXT NOT NULL, "addressee_only" BOOLEAN NOT NULL, "changed_by" TEXT NOT NULL, '
        '"changed_at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "item_plan_item_id" ON "item_plan" ("item_id")',
    'CREATE INDEX "item_plan_office_id_redeliver_on" ON "item_plan" ("office_id", "redeliver_on")',
    'CREATE INDEX "item_plan_office_id_held_until" ON "item_plan" ("office_id", "held_until")',
    (
        'CREATE TABLE "item_range" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"prefix" TEXT NOT NULL, "country" TEXT NOT NULL, "first" BIGINT NOT NULL, "last" BIGINT NOT NULL, '
        '"next" BIGINT NOT NULL, "allotted_at" TIMESTAMPTZ, "allotted_by" TEXT NOT NULL, "given_at" TIMESTAMPTZ)'
    ),
    'CREATE INDEX "item_range_office_id" ON "item_range" ("office_id")',
    (
        'CREATE TABLE "outbox" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "lane" TEXT NOT '
        'NULL, "kind" TEXT NOT NULL, "key" TEXT COLLATE "C" NOT NULL, "digest" TEXT NOT NULL, "state" '
        'TEXT NOT NULL, "doubt" BOOLEAN NOT NULL, "attempts" BIGINT NOT NULL, "not_before" TIMESTAMPTZ NOT '
        'NULL, "lease_until" TIMESTAMPTZ, "lease_token" BIGINT NOT NULL, "worker" TEXT NOT NULL, '
        '"office_id" TEXT NOT NULL, "terminal_id" TEXT, "dossier_id" BIGINT, "after_id" BIGINT, '
        '"priority" BIGINT NOT NULL, "file_bytes" BIGINT NOT NULL, "sent_bytes" BIGINT NOT NULL, "error" '
        'TEXT NOT NULL, "result" TEXT, "created_at" TIMESTAMPTZ NOT NULL, "settled_at" TIMESTAMPTZ)'
    ),
    'CREATE UNIQUE INDEX "outbox_uid" ON "outbox" ("uid")',
    'CREATE UNIQUE INDEX "outbox_key" ON "outbox" ("key")',
    'CREATE INDEX "outbox_dossier_id" ON "outbox" ("dossier_id")',
    'CREATE INDEX "outbox_state_lane_id" ON "outbox" ("state", "lane", "id")',
    (
        "CREATE INDEX \"outbox_due\" ON \"outbox\" (\"lane\", \"priority\", \"id\") WHERE state IN ('ready', "
        "'unknown')"
    ),
    'CREATE INDEX "outbox_terminal" ON "outbox" ("terminal_id", "lane", "id") WHERE terminal_id IS NOT NULL',
    (
        'CREATE TABLE "journal_entry" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "ledger" TEXT NOT NULL, "chain" TEXT NOT NULL, "seq" BIGINT NOT '
        'NULL, "uid" UUID NOT NULL, "kind" TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "actor" TEXT NOT '
        'NULL, "dossier_id" BIGINT, "body" TEXT NOT NULL, "prev" TEXT NOT NULL, "hash" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "journal_entry_uid" ON "journal_entry" ("uid")',
    'CREATE INDEX "journal_entry_dossier_id" ON "journal_entry" ("dossier_id")',
    'CREATE UNIQUE INDEX "journal_entry_ledger_chain_seq" ON "journal_entry" ("ledger", "chain", "seq")',
    'CREATE INDEX "journal_entry_ledger_dossier_id" ON "journal_entry" ("ledger", "dossier_id")',
    'CREATE INDEX "journal_entry_ledger_office_id_id" ON "journal_entry" ("ledger", "office_id", "id")',
    (
        'CREATE TABLE "journal_head" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "ledger" TEXT NOT NULL, "chain" '
        'TEXT NOT NULL, "seq" BIGINT NOT NULL, "hash" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "journal_head_ledger_chain" ON "journal_head" ("ledger", "chain")',
    (
        'CREATE TABLE "ledger_row" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, '
        '"bucket" TEXT NOT NULL, "office_id" TEXT NOT NULL, "key" TEXT NOT NULL, "row" TEXT NOT NULL, '
        '"digest" TEXT NOT NULL, "changed_at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES '
        '"dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "ledger_row_dossier_id" ON "ledger_row" ("dossier_id")',
    'CREATE INDEX "ledger_row_bucket" ON "ledger_row" ("bucket")',
    'CREATE UNIQUE INDEX "ledger_row_key" ON "ledger_row" ("key")',
    (
        'CREATE TABLE "line_status" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "terminal_id" TEXT NOT NULL, '
        '"office_id" TEXT NOT NULL, "endpoint" TEXT NOT NULL, "state" TEXT NOT NULL, "failures" BIGINT NOT '
        'NULL, "since" TIMESTAMPTZ NOT NULL, "next_try" TIMESTAMPTZ, "words" TEXT NOT NULL, "paused" TEXT '
        'NOT NULL, "bytes_per_second" BIGINT NOT NULL, "measured_at" TIMESTAMPTZ, "small_seconds" REAL NOT '
        'NULL, "nudged_at" TIMESTAMPTZ, "changed_at" TIMESTAMPTZ NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "line_status_terminal_id" ON "line_status" ("terminal_id")',
    (
        'CREATE TABLE "list_line" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "day_list_id" BIGINT NOT NULL, '
        '"item_id" BIGINT NOT NULL, "position" BIGINT NOT NULL, "collect" BIGINT NOT NULL, "added_by" TEXT '
        'NOT NULL, "added_at" TIMESTAMPTZ NOT NULL, "scanned" BOOLEAN NOT NULL, "outcome" TEXT NOT NULL, '
        '"outcome_at" TIMESTAMPTZ, "seen_at" TIMESTAMPTZ, "explained" TEXT NOT NULL, "explained_by" TEXT '
        'NOT NULL, "explained_at" TIMESTAMPTZ, FOREIGN KEY ("day_list_id") REFERENCES "delivery_list" ("id") '
        'ON DELETE RESTRICT, FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "list_line_day_list_id" ON "list_line" ("day_list_id")',
    'CREATE INDEX "list_line_item_id" ON "list_line" ("item_id")',
    'CREATE UNIQUE INDEX "list_line_day_list_id_item_id" ON "list_line" ("day_list_id", "item_id")',
    'CREATE INDEX "list_line_item_id_outcome" ON "list_line" ("item_id", "outcome")',
    (
        'CREATE TABLE "look_up" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "at" TIMESTAMPTZ '
        'NOT NULL, "username" TEXT NOT NULL, "office_id" TEXT NOT NULL, "terminal_id" TEXT NOT NULL, '
        '"draft_uid" UUID NOT NULL, "kind" TEXT NOT NULL, "purpose" TEXT NOT NULL, "outcome" TEXT NOT '
        'NULL, "matches" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "look_up_uid" ON "look_up" ("uid")',
    'CREATE INDEX "look_up_draft_uid" ON "look_up" ("draft_uid")',
    'CREATE INDEX "look_up_username_at" ON "look_up" ("username", "at")',
    (
        'CREATE TABLE "manifest_line" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "manifest_id" BIGINT NOT NULL, '
        '"parcel_id" BIGINT NOT NULL, "number" TEXT NOT NULL, FOREIGN KEY ("manifest_id") REFERENCES '
        '"manifest" ("id") ON DELETE RESTRICT, FOREIGN KEY ("parcel_id") REFERENCES "parcel" ("id") ON '
        "DELETE RESTRICT)"
    ),
    'CREATE INDEX "manifest_line_manifest_id" ON "manifest_line" ("manifest_id")',
    'CREATE INDEX "manifest_line_parcel_id" ON "manifest_line" ("parcel_id")',
    'CREATE UNIQUE INDEX "manifest_line_manifest_id_parcel_id" ON "manifest_line" ("manifest_id", "parcel_id")',
    (
        'CREATE TABLE "result" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "dossier_id" '
        'BIGINT NOT NULL, "province_id" TEXT NOT NULL, "name" TEXT NOT NULL, "type" TEXT NOT NULL, "form" '
        'TEXT NOT NULL, "way" TEXT NOT NULL, "state" TEXT NOT NULL, "item_id" BIGINT, "sha256" TEXT, '
        '"ready_at" TIMESTAMPTZ NOT NULL, "delivered_at" TIMESTAMPTZ, "reported" BOOLEAN NOT NULL, FOREIGN '
        'KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN KEY ("item_id") '
        'REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "result_uid" ON "result" ("uid")',
    'CREATE INDEX "result_dossier_id" ON "result" ("dossier_id")',
    'CREATE INDEX "result_item_id" ON "result" ("item_id")',
    'CREATE UNIQUE INDEX "result_dossier_id_province_id" ON "result" ("dossier_id", "province_id")',
    (
        'CREATE TABLE "minutes_line" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "minutes_id" BIGINT NOT NULL, '
        '"number" TEXT NOT NULL, "kind" TEXT NOT NULL, "parcel_id" BIGINT, "item_id" BIGINT, "result_id" '
        'BIGINT, "dossier_id" BIGINT, "inside" TEXT NOT NULL, "expected" BOOLEAN NOT NULL, "counted_at" '
        'TIMESTAMPTZ, "capture" TEXT NOT NULL, "seal" TEXT NOT NULL, "seal_state" TEXT NOT NULL, "verdict" '
        'TEXT NOT NULL, "follow" TEXT NOT NULL, "settled_at" TIMESTAMPTZ, FOREIGN KEY ("minutes_id") '
        'REFERENCES "minutes" ("id") ON DELETE RESTRICT, FOREIGN KEY ("parcel_id") REFERENCES "parcel" '
        '("id") ON DELETE RESTRICT, FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT, '
        'FOREIGN KEY ("result_id") REFERENCES "result" ("id") ON DELETE RESTRICT, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "minutes_line_minutes_id" ON "minutes_line" ("minutes_id")',
    'CREATE INDEX "minutes_line_parcel_id" ON "minutes_line" ("parcel_id")',
    'CREATE INDEX "minutes_line_item_id" ON "minutes_line" ("item_id")',
    'CREATE INDEX "minutes_line_result_id" ON "minutes_line" ("result_id")',
    'CREATE INDEX "minutes_line_dossier_id" ON "minutes_line" ("dossier_id")',
    'CREATE UNIQUE INDEX "minutes_line_minutes_id_number" ON "minutes_line" ("minutes_id", "number")',
    'CREATE INDEX "minutes_line_verdict_settled_at" ON "minutes_line" ("verdict", "settled_at")',
    (
        'CREATE TABLE "minutes_note" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "minutes_id" '
        'BIGINT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "by" TEXT NOT NULL, "words" TEXT NOT NULL, '
        '"countersigned_at" TIMESTAMPTZ, "countersigned_by" TEXT NOT NULL, FOREIGN KEY ("minutes_id") '
        'REFERENCES "minutes" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "minutes_note_uid" ON "minutes_note" ("uid")',
    'CREATE INDEX "minutes_note_minutes_id" ON "minutes_note" ("minutes_id")',
    (
        'CREATE TABLE "money_entry" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" UUID NOT NULL, "key" TEXT NOT NULL, "kind" TEXT NOT NULL, "at" '
        'TIMESTAMPTZ NOT NULL, "day" DATE NOT NULL, "actor" TEXT NOT NULL, "dossier_id" BIGINT, "subject" '
        'TEXT NOT NULL, "reverses" UUID, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "money_entry_uid" ON "money_entry" ("uid")',
    'CREATE UNIQUE INDEX "money_entry_key" ON "money_entry" ("key")',
    'CREATE INDEX "money_entry_dossier_id" ON "money_entry" ("dossier_id")',
    'CREATE INDEX "money_entry_subject" ON "money_entry" ("subject")',
    'CREATE INDEX "money_entry_office_id_day" ON "money_entry" ("office_id", "day")',
    (
        'CREATE TABLE "money_leg" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "entry_id" BIGINT NOT NULL, '
        '"office_id" TEXT NOT NULL, "ledger" TEXT NOT NULL, "account" TEXT NOT NULL, "holder" TEXT NOT '
        'NULL, "amount" BIGINT NOT NULL, FOREIGN KEY ("entry_id") REFERENCES "money_entry" ("id") ON DELETE '
        "RESTRICT)"
    ),
    'CREATE INDEX "money_leg_entry_id" ON "money_leg" ("entry_id")',
    'CREATE INDEX "money_leg_account_holder_ledger" ON "money_leg" ("account", "holder", "ledger")',
    'CREATE INDEX "money_leg_office_id_account_ledger" ON "money_leg" ("office_id", "account", "ledger")',
    (
        'CREATE TABLE "no_attempt" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "item_id" '
        'BIGINT NOT NULL, "office_id" TEXT NOT NULL, "courier" TEXT NOT NULL, "day" DATE NOT NULL, "event" '
        'UUID, "evidence" TEXT NOT NULL, "said_by" TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, FOREIGN KEY '
        '("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "no_attempt_uid" ON "no_attempt" ("uid")',
    'CREATE INDEX "no_attempt_item_id" ON "no_attempt" ("item_id")',
    'CREATE UNIQUE INDEX "no_attempt_event" ON "no_attempt" ("event")',
    'CREATE INDEX "no_attempt_office_id_courier_day" ON "no_attempt" ("office_id", "courier", "day")',
    (
        'CREATE TABLE "notice_wish" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, '
        '"wanted" BOOLEAN NOT NULL, "at" TIMESTAMPTZ NOT NULL, "by" TEXT NOT NULL, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "notice_wish_dossier_id" ON "notice_wish" ("dossier_id")',
    (
        'CREATE TABLE "office_key" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "kid" TEXT NOT NULL, "office_id" '
        'TEXT NOT NULL, "terminal_id" TEXT NOT NULL, "public" TEXT NOT NULL, "training" BOOLEAN NOT NULL, '
        '"made_at" TIMESTAMPTZ NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "office_key_kid" ON "office_key" ("kid")',
    'CREATE INDEX "office_key_office_id" ON "office_key" ("office_id")',
    (
        'CREATE TABLE "office_switch" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"name" TEXT NOT NULL, "on" BOOLEAN NOT NULL, "at" TIMESTAMPTZ NOT NULL, "by" TEXT NOT NULL)'
    ),
    'CREATE INDEX "office_switch_office_id_name_id" ON "office_switch" ("office_id", "name", "id")',
    (
        'CREATE TABLE "official_receipt" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "key" TEXT NOT NULL, "dossier_id" BIGINT NOT NULL, "codes" TEXT NOT '
        'NULL, "amount" BIGINT NOT NULL, "state" TEXT NOT NULL, "serial" TEXT NOT NULL, "number" TEXT NOT '
        'NULL, "reason" TEXT NOT NULL, "asked_at" TIMESTAMPTZ NOT NULL, "issued_at" TIMESTAMPTZ, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "official_receipt_key" ON "official_receipt" ("key")',
    'CREATE INDEX "official_receipt_dossier_id" ON "official_receipt" ("dossier_id")',
    'CREATE INDEX "official_receipt_state" ON "official_receipt" ("state")',
    (
        'CREATE TABLE "page_reading" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "terminal_id" TEXT NOT NULL, '
        '"sha256" TEXT NOT NULL, "turn" BIGINT NOT NULL, "state" TEXT NOT NULL, "reason" TEXT NOT NULL, '
        '"words_sha256" TEXT, "facts" TEXT NOT NULL, "wanted_at" TIMESTAMPTZ, "created_at" TIMESTAMPTZ NOT '
        'NULL, "read_at" TIMESTAMPTZ)'
    ),
    (
        'CREATE UNIQUE INDEX "page_reading_terminal_id_sha256_turn" ON "page_reading" ("terminal_id", '
        '"sha256", "turn")'
    ),
    'CREATE INDEX "page_reading_sha256" ON "page_reading" ("sha256")',
    'CREATE INDEX "page_reading_words_sha256" ON "page_reading" ("words_sha256")',
    "CREATE INDEX \"page_reading_waits\" ON \"page_reading\" (\"terminal_id\", \"id\") WHERE state = 'waiting'",
    (
        'CREATE TABLE "pairing_code" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, '
        '"code_sha256" TEXT NOT NULL, "courier" TEXT NOT NULL, "office_id" TEXT NOT NULL, "created_at" '
        'TIMESTAMPTZ NOT NULL, "created_by" TEXT NOT NULL, "expires_at" TIMESTAMPTZ NOT NULL, "used_at" '
        'TIMESTAMPTZ, "cancelled_at" TIMESTAMPTZ, "phone_uid" UUID)'
    ),
    'CREATE UNIQUE INDEX "pairing_code_uid" ON "pairing_code" ("uid")',
    'CREATE UNIQUE INDEX "pairing_code_code_sha256" ON "pairing_code" ("code_sha256")',
    'CREATE INDEX "pairing_code_office_id" ON "pairing_code" ("office_id")',
    (
        'CREATE TABLE "paper" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "dossier_id" '
        'BIGINT NOT NULL, "component_id" BIGINT NOT NULL, "code" TEXT NOT NULL, "file_name" TEXT NOT NULL, '
        '"name" TEXT NOT NULL, "pages" BIGINT NOT NULL, "copy_sha256" TEXT NOT NULL, "copy_size" BIGINT NOT '
        'NULL, "signed_sha256" TEXT, "signed_size" BIGINT, "signer" TEXT NOT NULL, "signed_at" '
        'TIMESTAMPTZ, "evidence" TEXT NOT NULL, "created_at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("dossier_id") '
        'REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN KEY ("component_id") REFERENCES '
        '"component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "paper_uid" ON "paper" ("uid")',
    'CREATE INDEX "paper_dossier_id" ON "paper" ("dossier_id")',
    'CREATE UNIQUE INDEX "paper_component_id" ON "paper" ("component_id")',
    'CREATE UNIQUE INDEX "paper_code" ON "paper" ("code")',
    'CREATE INDEX "paper_copy_sha256" ON "paper" ("copy_sha256")',
    'CREATE INDEX "paper_signed_sha256" ON "paper" ("signed_sha256")',
    (
        'CREATE TABLE "paper_facts" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "paper_id" BIGINT NOT NULL, '
        '"dossier_id" BIGINT NOT NULL, "number" TEXT NOT NULL, "issued_on" DATE, "issuer" TEXT NOT NULL, '
        '"signed_by" TEXT NOT NULL, "abstract" TEXT NOT NULL, "permanent" BOOLEAN NOT NULL, "valid_until" '
        'DATE, "procedures" TEXT NOT NULL, "agencies" TEXT NOT NULL, "approved_at" TIMESTAMPTZ, '
        '"approved_by" TEXT NOT NULL, "updated_at" TIMESTAMPTZ NOT NULL, "updated_by" TEXT NOT NULL, FOREIGN '
        'KEY ("paper_id") REFERENCES "paper" ("id") ON DELETE CASCADE, FOREIGN KEY ("dossier_id") '
        'REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "paper_facts_paper_id" ON "paper_facts" ("paper_id")',
    'CREATE INDEX "paper_facts_dossier_id" ON "paper_facts" ("dossier_id")',
    (
        'CREATE TABLE "paper_number" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "component_id" BIGINT NOT NULL, '
        '"series" TEXT NOT NULL, "number" BIGINT NOT NULL, "version" BIGINT NOT NULL, FOREIGN KEY '
        '("component_id") REFERENCES "component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "paper_number_component_id" ON "paper_number" ("component_id")',
    'CREATE UNIQUE INDEX "paper_number_series_number" ON "paper_number" ("series", "number")',
    (
        'CREATE TABLE "paper_series" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "last" '
        "BIGINT NOT NULL)"
    ),
    'CREATE UNIQUE INDEX "paper_series_name" ON "paper_series" ("name")',
    (
        'CREATE TABLE "paper_text" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "paper_id" BIGINT NOT NULL, '
        '"dossier_id" BIGINT NOT NULL, "terminal_id" TEXT NOT NULL, "sha256" TEXT, "size" BIGINT, '
        '"made_at" TIMESTAMPTZ, FOREIGN KEY ("paper_id") REFERENCES "paper" ("id") ON DELETE CASCADE, '
        'FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "paper_text_paper_id" ON "paper_text" ("paper_id")',
    'CREATE INDEX "paper_text_dossier_id" ON "paper_text" ("dossier_id")',
    'CREATE INDEX "paper_text_sha256" ON "paper_text" ("sha256")',
    'CREATE INDEX "paper_text_terminal_id_made_at" ON "paper_text" ("terminal_id", "made_at")',
    (
        'CREATE TABLE "paper_use" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "component_id" BIGINT NOT NULL, '
        '"dossier_id" BIGINT NOT NULL, "source_id" BIGINT NOT NULL, "paper_uid" UUID NOT NULL, "code" TEXT '
        'NOT NULL, "sha256" TEXT NOT NULL, "size" BIGINT NOT NULL, "pages" BIGINT NOT NULL, "at" '
        'TIMESTAMPTZ NOT NULL, "by" TEXT NOT NULL, FOREIGN KEY ("component_id") REFERENCES "component" '
        '("id") ON DELETE RESTRICT, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE '
        'RESTRICT, FOREIGN KEY ("source_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "paper_use_component_id" ON "paper_use" ("component_id")',
    'CREATE INDEX "paper_use_dossier_id" ON "paper_use" ("dossier_id")',
    'CREATE INDEX "paper_use_source_id" ON "paper_use" ("source_id")',
    'CREATE INDEX "paper_use_paper_uid" ON "paper_use" ("paper_uid")',
    'CREATE INDEX "paper_use_sha256" ON "paper_use" ("sha256")',
    (
        'CREATE TABLE "parcel_event" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "parcel_id" '
        'BIGINT NOT NULL, "step" TEXT NOT NULL, "from_holder" TEXT NOT NULL, "to_holder" TEXT NOT NULL, '
        '"occurred_at" TIMESTAMPTZ NOT NULL, "recorded_at" TIMESTAMPTZ NOT NULL, "actor" TEXT NOT NULL, '
        '"device" TEXT NOT NULL, "device_seq" BIGINT, "parent" UUID, "capture" TEXT NOT NULL, "bag" TEXT '
        'NOT NULL, "upu_code" TEXT, FOREIGN KEY ("parcel_id") REFERENCES "parcel" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "parcel_event_uid" ON "parcel_event" ("uid")',
    'CREATE INDEX "parcel_event_parcel_id" ON "parcel_event" ("parcel_id")',
    (
        'CREATE TABLE "subject" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "kind" TEXT NOT '
        'NULL, "name" TEXT NOT NULL, "id_type" TEXT NOT NULL, "id_number" TEXT NOT NULL, "birth_date" TEXT '
        'NOT NULL, "sex" TEXT NOT NULL, "address" TEXT NOT NULL, "phone" TEXT NOT NULL, "email" TEXT NOT '
        'NULL, "salt" BYTEA NOT NULL, "erased_at" TIMESTAMPTZ)'
    ),
    'CREATE UNIQUE INDEX "subject_uid" ON "subject" ("uid")',
    'CREATE INDEX "subject_id_number" ON "subject" ("id_number")',
    (
        'CREATE TABLE "party" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, "role" '
        'TEXT NOT NULL, "subject_id" BIGINT NOT NULL, "relation" TEXT NOT NULL, "authorisation" TEXT NOT '
        'NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN KEY '
        '("subject_id") REFERENCES "subject" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "party_dossier_id" ON "party" ("dossier_id")',
    'CREATE INDEX "party_subject_id" ON "party" ("subject_id")',
    'CREATE UNIQUE INDEX "party_dossier_id_role" ON "party" ("dossier_id", "role")',
    (
        'CREATE TABLE "outbox_payload" ("job_id" BIGINT NOT NULL PRIMARY KEY, "body" BYTEA NOT NULL, FOREIGN '
        'KEY ("job_id") REFERENCES "outbox" ("id") ON DELETE CASCADE)'
    ),
    (
        'CREATE TABLE "payment_purpose" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "purpose" TEXT NOT NULL, "dossier_id" BIGINT NOT NULL, "account" TEXT '
        'NOT NULL, "made_at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON '
        "DELETE RESTRICT)"
    ),
    'CREATE UNIQUE INDEX "payment_purpose_purpose" ON "payment_purpose" ("purpose")',
    'CREATE INDEX "payment_purpose_dossier_id" ON "payment_purpose" ("dossier_id")',
    (
        'CREATE TABLE "phone" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "name" TEXT NOT '
        'NULL, "courier" TEXT NOT NULL, "office_id" TEXT NOT NULL, "public_key" TEXT NOT NULL, '
        '"token_sha256" TEXT NOT NULL, "paired_at" TIMESTAMPTZ NOT NULL, "paired_by" TEXT NOT NULL, '
        '"revoked_at" TIMESTAMPTZ, "revoked_by" TEXT NOT NULL, "revoked_reason" TEXT NOT NULL, '
        '"last_seen_at" TIMESTAMPTZ, "unsent" BIGINT, "clock_offset_ms" BIGINT, "app_version" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "phone_uid" ON "phone" ("uid")',
    'CREATE INDEX "phone_courier" ON "phone" ("courier")',
    'CREATE INDEX "phone_office_id" ON "phone" ("office_id")',
    'CREATE UNIQUE INDEX "phone_token_sha256" ON "phone" ("token_sha256")',
    (
        'CREATE TABLE "phone_act" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "phone_uid" UUID NOT NULL, "act" '
        'TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "by" TEXT NOT NULL, "reason" TEXT NOT NULL)'
    ),
    'CREATE INDEX "phone_act_phone_uid" ON "phone_act" ("phone_uid")',
    (
        'CREATE TABLE "phone_blob" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "sha256" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "phone_uid" UUID NOT NULL, "media" TEXT NOT NULL, "size" BIGINT NOT '
        'NULL, "received_at" TIMESTAMPTZ NOT NULL)'
    ),
    'CREATE INDEX "phone_blob_phone_uid" ON "phone_blob" ("phone_uid")',
    'CREATE INDEX "phone_blob_received_at" ON "phone_blob" ("received_at")',
    'CREATE UNIQUE INDEX "phone_blob_sha256_terminal_id" ON "phone_blob" ("sha256", "terminal_id")',
    (
        'CREATE TABLE "phone_chain" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "phone_uid" UUID NOT NULL, '
        '"office_id" TEXT NOT NULL, "courier" TEXT NOT NULL, "next_seq" BIGINT NOT NULL, "top_seq" BIGINT '
        'NOT NULL, "hash" TEXT NOT NULL, "heard_at" TIMESTAMPTZ NOT NULL, "owes_since" TIMESTAMPTZ)'
    ),
    'CREATE UNIQUE INDEX "phone_chain_phone_uid" ON "phone_chain" ("phone_uid")',
    'CREATE INDEX "phone_chain_office_id" ON "phone_chain" ("office_id")',
    (
        'CREATE TABLE "proof" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "item_id" BIGINT, "result_id" BIGINT, '
        '"attempt" BIGINT NOT NULL, "receiver" TEXT NOT NULL, "relation" TEXT NOT NULL, "authorisation" '
        'TEXT NOT NULL, "identity_type" TEXT NOT NULL, "identity_last4" TEXT NOT NULL, "identity_matched" '
        'BOOLEAN NOT NULL, "signature_sha256" TEXT, "photo_sha256" TEXT, "position" TEXT NOT NULL, '
        '"collected" BIGINT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "digest" TEXT NOT NULL, "voided_at" '
        'TIMESTAMPTZ, FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT, FOREIGN KEY '
        '("result_id") REFERENCES "result" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "proof_item_id" ON "proof" ("item_id")',
    'CREATE INDEX "proof_result_id" ON "proof" ("result_id")',
    'CREATE INDEX "proof_signature_sha256" ON "proof" ("signature_sha256")',
    'CREATE INDEX "proof_photo_sha256" ON "proof" ("photo_sha256")',
    (
        'CREATE TABLE "province_receipt" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, '
        '"kind" TEXT NOT NULL, "key" TEXT NOT NULL, "number" TEXT NOT NULL, "digest" TEXT NOT NULL, "at" '
        'TIMESTAMPTZ NOT NULL, "document" BYTEA NOT NULL, "signature" BYTEA NOT NULL, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "province_receipt_dossier_id" ON "province_receipt" ("dossier_id")',
    'CREATE UNIQUE INDEX "province_receipt_key" ON "province_receipt" ("key")',
    (
        'CREATE TABLE "receipt_link" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "receipt_id" BIGINT NOT NULL, '
        '"office_id" TEXT NOT NULL, "sequence" BIGINT NOT NULL, "previous" TEXT, "hash" TEXT NOT NULL, '
        'FOREIGN KEY ("receipt_id") REFERENCES "province_receipt" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "receipt_link_receipt_id" ON "receipt_link" ("receipt_id")',
    'CREATE INDEX "receipt_link_office_id_sequence" ON "receipt_link" ("office_id", "sequence")',
    (
        'CREATE TABLE "receiver_code" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "item_number" TEXT NOT NULL, '
        '"salt" TEXT NOT NULL, "code_sha256" TEXT NOT NULL, "created_at" TIMESTAMPTZ NOT NULL, "created_by" '
        'TEXT NOT NULL, "expires_at" TIMESTAMPTZ NOT NULL, "tries" BIGINT NOT NULL, "used_at" TIMESTAMPTZ, '
        '"used_by_event" UUID, "withdrawn" BOOLEAN NOT NULL)'
    ),
    'CREATE INDEX "receiver_code_item_number" ON "receiver_code" ("item_number")',
    (
        'CREATE TABLE "remittance" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" UUID NOT NULL, "number" TEXT NOT NULL, "authority" TEXT NOT '
        'NULL, "ledger" TEXT NOT NULL, "since_day" DATE NOT NULL, "until_day" DATE NOT NULL, "due_on" DATE '
        'NOT NULL, "amount" BIGINT NOT NULL, "dossiers" TEXT NOT NULL, "source" TEXT NOT NULL, '
        '"source_holder" TEXT NOT NULL, "made_by" TEXT NOT NULL, "made_at" TIMESTAMPTZ NOT NULL, "state" '
        'TEXT NOT NULL, "handed_by" TEXT NOT NULL, "handed_at" TIMESTAMPTZ, "reference" TEXT NOT NULL, '
        '"acknowledged_by" TEXT NOT NULL, "acknowledged_at" TIMESTAMPTZ)'
    ),
    'CREATE UNIQUE INDEX "remittance_uid" ON "remittance" ("uid")',
    'CREATE UNIQUE INDEX "remittance_number" ON "remittance" ("number")',
    'CREATE INDEX "remittance_authority" ON "remittance" ("authority")',
    'CREATE INDEX "remittance_office_id_until_day" ON "remittance" ("office_id", "until_day")',
    (
        'CREATE TABLE "repeat_freight" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "item_id" '
        'BIGINT NOT NULL, "attempt" BIGINT NOT NULL, "fault" TEXT NOT NULL, "amount" BIGINT NOT NULL, '
        '"collected" BOOLEAN NOT NULL, "by" TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, FOREIGN KEY '
        '("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "repeat_freight_uid" ON "repeat_freight" ("uid")',
    'CREATE INDEX "repeat_freight_item_id" ON "repeat_freight" ("item_id")',
    'CREATE UNIQUE INDEX "repeat_freight_item_id_attempt" ON "repeat_freight" ("item_id", "attempt")',
    (
        'CREATE TABLE "report_cursor" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"kind" TEXT NOT NULL, "cursor" BIGINT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "report_cursor_office_id_kind" ON "report_cursor" ("office_id", "kind")',
    (
        'CREATE TABLE "retired" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, "kind" '
        'TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON '
        "DELETE RESTRICT)"
    ),
    'CREATE INDEX "retired_dossier_id" ON "retired" ("dossier_id")',
    'CREATE UNIQUE INDEX "retired_dossier_id_kind" ON "retired" ("dossier_id", "kind")',
    (
        'CREATE TABLE "return_minutes" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" UUID NOT NULL, "number" TEXT NOT NULL, "agency" TEXT NOT NULL, '
        '"receiver" TEXT NOT NULL, "made_by" TEXT NOT NULL, "made_at" TIMESTAMPTZ NOT NULL, "signed_at" '
        "TIMESTAMPTZ)"
    ),
    'CREATE UNIQUE INDEX "return_minutes_uid" ON "return_minutes" ("uid")',
    'CREATE UNIQUE INDEX "return_minutes_office_id_number" ON "return_minutes" ("office_id", "number")',
    'CREATE INDEX "return_minutes_office_id_signed_at" ON "return_minutes" ("office_id", "signed_at")',
    (
        'CREATE TABLE "take_back" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "item_id" '
        'BIGINT NOT NULL, "office_id" TEXT NOT NULL, "name" TEXT NOT NULL, "quantity" BIGINT NOT NULL, '
        '"required" BOOLEAN NOT NULL, "state" TEXT NOT NULL, "holder" TEXT NOT NULL, "reason" TEXT NOT '
        'NULL, "changed_at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE '
        "RESTRICT)"
    ),
    'CREATE UNIQUE INDEX "take_back_uid" ON "take_back" ("uid")',
    'CREATE INDEX "take_back_item_id" ON "take_back" ("item_id")',
    'CREATE INDEX "take_back_office_id_state" ON "take_back" ("office_id", "state")',
    (
        'CREATE TABLE "return_line" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "minutes_id" BIGINT NOT NULL, '
        '"item_id" BIGINT NOT NULL, "paper_id" BIGINT, "reason" TEXT NOT NULL, FOREIGN KEY ("minutes_id") '
        'REFERENCES "return_minutes" ("id") ON DELETE RESTRICT, FOREIGN KEY ("item_id") REFERENCES "item" '
        '("id") ON DELETE RESTRICT, FOREIGN KEY ("paper_id") REFERENCES "take_back" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "return_line_minutes_id" ON "return_line" ("minutes_id")',
    'CREATE INDEX "return_line_item_id" ON "return_line" ("item_id")',
    'CREATE INDEX "return_line_paper_id" ON "return_line" ("paper_id")',
    (
        'CREATE UNIQUE INDEX "return_line_minutes_id_item_id_paper_id" ON "return_line" ("minutes_id", '
        '"item_id", "paper_id")'
    ),
    (
        'CREATE TABLE "reversal" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" UUID NOT NULL, "entry" UUID NOT NULL, "reason" TEXT NOT NULL, '
        '"asked_by" TEXT NOT NULL, "asked_at" TIMESTAMPTZ NOT NULL, "state" TEXT NOT NULL, "answered_by" '
        'TEXT NOT NULL, "answered_at" TIMESTAMPTZ)'
    ),
    'CREATE UNIQUE INDEX "reversal_uid" ON "reversal" ("uid")',
    'CREATE UNIQUE INDEX "reversal_entry" ON "reversal" ("entry")',
    (
        'CREATE TABLE "round_row" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "phone_uid" UUID NOT NULL, "number" '
        'TEXT NOT NULL, "digest" TEXT NOT NULL, "version" BIGINT NOT NULL, "gone" BOOLEAN NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "round_row_phone_uid_number" ON "round_row" ("phone_uid", "number")',
    'CREATE INDEX "round_row_phone_uid_version" ON "round_row" ("phone_uid", "version")',
    (
        'CREATE TABLE "scan_event" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" UUID NOT NULL, "device" TEXT NOT NULL, "at" TIMESTAMPTZ NOT '
        'NULL, "raw" BYTEA, "length" BIGINT NOT NULL, "aim" TEXT NOT NULL, "symbology" TEXT NOT NULL, '
        '"kind" TEXT NOT NULL, "gap_ms" BIGINT, "repeat" BOOLEAN NOT NULL, "torn" BOOLEAN NOT NULL, '
        '"note" TEXT NOT NULL, "taken_at" TIMESTAMPTZ, "taken_by" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "scan_event_uid" ON "scan_event" ("uid")',
    'CREATE INDEX "scan_event_terminal_id_id" ON "scan_event" ("terminal_id", "id")',
    'CREATE INDEX "scan_event_at" ON "scan_event" ("at")',
    'CREATE INDEX "scan_event_raw" ON "scan_event" ("at") WHERE raw IS NOT NULL',
    (
        'CREATE TABLE "schema_migration" ("name" TEXT NOT NULL PRIMARY KEY, "checksum" TEXT NOT NULL, '
        '"applied_at" TIMESTAMPTZ NOT NULL)'
    ),
    (
        'CREATE TABLE "screen_event" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "at" TIMESTAMPTZ NOT NULL, '
        '"office_id" TEXT NOT NULL, "terminal_id" TEXT NOT NULL, "kind" TEXT NOT NULL, "dossier_uid" UUID)'
    ),
    (
        'CREATE TABLE "seal_fact" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "parcel_id" '
        'BIGINT NOT NULL, "seal" TEXT NOT NULL, "seen" TEXT NOT NULL, "fact" TEXT NOT NULL, "seen_by" TEXT '
        'NOT NULL, "witness" TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "recorded_at" TIMESTAMPTZ NOT NULL, '
        'FOREIGN KEY ("parcel_id") REFERENCES "parcel" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "seal_fact_uid" ON "seal_fact" ("uid")',
    'CREATE INDEX "seal_fact_parcel_id" ON "seal_fact" ("parcel_id")',
    (
        'CREATE TABLE "session" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "token_sha256" TEXT NOT NULL, '
        '"user_id" BIGINT NOT NULL, "terminal_id" TEXT NOT NULL, "created_at" TIMESTAMPTZ NOT NULL, '
        '"seen_at" TIMESTAMPTZ NOT NULL, "expires_at" TIMESTAMPTZ NOT NULL, "csrf" TEXT NOT NULL, FOREIGN '
        'KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE)'
    ),
    'CREATE UNIQUE INDEX "session_token_sha256" ON "session" ("token_sha256")',
    'CREATE INDEX "session_user_id" ON "session" ("user_id")',
    'CREATE INDEX "session_expires_at" ON "session" ("expires_at")',
    (
        'CREATE TABLE "shift" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT NOT NULL, "uid" UUID NOT NULL, "username" TEXT NOT NULL, "state" TEXT NOT '
        'NULL, "open_key" TEXT, "opened_at" TIMESTAMPTZ NOT NULL, "float_counts" TEXT NOT NULL, '
        '"float_amount" BIGINT NOT NULL, "counts" TEXT, "counted_amount" BIGINT, "expected_amount" BIGINT, '
        '"counted_at" TIMESTAMPTZ, "closed_at" TIMESTAMPTZ)'
    ),
    'CREATE UNIQUE INDEX "shift_uid" ON "shift" ("uid")',
    'CREATE INDEX "shift_username" ON "shift" ("username")',
    'CREATE UNIQUE INDEX "shift_open_key" ON "shift" ("open_key")',
    'CREATE INDEX "shift_office_id_opened_at" ON "shift" ("office_id", "opened_at")',
    (
        'CREATE TABLE "statement" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "office_id" '
        'TEXT NOT NULL, "month" TEXT NOT NULL, "revision" BIGINT NOT NULL, "number" TEXT NOT NULL, "body" '
        'TEXT NOT NULL, "digest" TEXT NOT NULL, "office_signed_at" TIMESTAMPTZ NOT NULL, "office_signed_by" '
        'TEXT NOT NULL, "office_signed_name" TEXT NOT NULL, "province_signed_at" TIMESTAMPTZ, '
        '"province_signed_by" TEXT NOT NULL, "province_signed_name" TEXT NOT NULL, "returned_at" '
        'TIMESTAMPTZ, "returned_by" TEXT NOT NULL, "reason" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "statement_uid" ON "statement" ("uid")',
    'CREATE UNIQUE INDEX "statement_number" ON "statement" ("number")',
    'CREATE UNIQUE INDEX "statement_office_id_month_revision" ON "statement" ("office_id", "month", "revision")',
    (
        'CREATE TABLE "statement_file" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "sha256" TEXT NOT NULL, '
        '"office_id" TEXT NOT NULL, "account" TEXT NOT NULL, "lines" TEXT NOT NULL, "imported_by" TEXT NOT '
        'NULL, "imported_at" TIMESTAMPTZ NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "statement_file_sha256" ON "statement_file" ("sha256")',
    'CREATE INDEX "statement_file_office_id" ON "statement_file" ("office_id")',
    (
        'CREATE TABLE "statement_line" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "statement_id" BIGINT NOT NULL, '
        '"key" TEXT NOT NULL, "period" TEXT NOT NULL, "procedure_code" TEXT NOT NULL, "procedure_name" TEXT '
        'NOT NULL, "received" BIGINT NOT NULL, "delivered" BIGINT NOT NULL, "state" BIGINT NOT NULL, '
        '"freight" BIGINT NOT NULL, "collected" BIGINT NOT NULL, "corrected" BIGINT NOT NULL, FOREIGN KEY '
        '("statement_id") REFERENCES "statement" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "statement_line_statement_id" ON "statement_line" ("statement_id")',
    'CREATE INDEX "statement_line_statement_id_key" ON "statement_line" ("statement_id", "key")',
    'CREATE INDEX "statement_line_key_period" ON "statement_line" ("key", "period")',
    (
        'CREATE TABLE "status_message" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, '
        '"version" BIGINT NOT NULL, "status" BIGINT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "body" TEXT NOT '
        'NULL, "handler" TEXT NOT NULL, "note" TEXT NOT NULL, "applied" TEXT NOT NULL, "detail" TEXT NOT '
        'NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "status_message_dossier_id" ON "status_message" ("dossier_id")',
    'CREATE UNIQUE INDEX "status_message_dossier_id_version" ON "status_message" ("dossier_id", "version")',
    (
        'CREATE TABLE "supplement" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "dossier_id" '
        'BIGINT NOT NULL, "round" BIGINT NOT NULL, "state" TEXT NOT NULL, "requests" TEXT NOT NULL, '
        '"asked_at" TIMESTAMPTZ NOT NULL, "due_on" DATE, "key" TEXT NOT NULL, "answered_at" TIMESTAMPTZ, '
        'FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "supplement_uid" ON "supplement" ("uid")',
    'CREATE INDEX "supplement_dossier_id" ON "supplement" ("dossier_id")',
    'CREATE UNIQUE INDEX "supplement_dossier_id_round" ON "supplement" ("dossier_id", "round")',
    (
        'CREATE TABLE "survey" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, '
        '"office_id" TEXT NOT NULL, "score" BIGINT NOT NULL, "words" TEXT NOT NULL, "answered_at" '
        'TIMESTAMPTZ NOT NULL, "changed_at" TIMESTAMPTZ NOT NULL, "fixed_at" TIMESTAMPTZ NOT NULL, "state" '
        'TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "survey_dossier_id" ON "survey" ("dossier_id")',
    'CREATE INDEX "survey_state_fixed_at" ON "survey" ("state", "fixed_at")',
    'CREATE INDEX "survey_office_id_answered_at" ON "survey" ("office_id", "answered_at")',
    (
        'CREATE TABLE "take_back_move" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "paper_id" '
        'BIGINT NOT NULL, "from_holder" TEXT NOT NULL, "to_holder" TEXT NOT NULL, "by" TEXT NOT NULL, "at" '
        'TIMESTAMPTZ NOT NULL, FOREIGN KEY ("paper_id") REFERENCES "take_back" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "take_back_move_uid" ON "take_back_move" ("uid")',
    'CREATE INDEX "take_back_move_paper_id" ON "take_back_move" ("paper_id")',
    (
        'CREATE TABLE "try_bucket" ("key" BIGINT NOT NULL PRIMARY KEY, "full_at" BIGINT NOT NULL, "tried_at" '
        "BIGINT NOT NULL)"
    ),
    (
        'CREATE TABLE "extracted_value" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, '
        '"component_id" BIGINT NOT NULL, "field" TEXT NOT NULL, "value" TEXT NOT NULL, "read" TEXT NOT '
        'NULL, "confidence" BIGINT NOT NULL, "page" UUID, "box" TEXT NOT NULL, "source" TEXT NOT NULL, '
        '"doubt" TEXT NOT NULL, "state" TEXT NOT NULL, "by" TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, '
        'FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN KEY '
        '("component_id") REFERENCES "component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "extracted_value_dossier_id" ON "extracted_value" ("dossier_id")',
    'CREATE INDEX "extracted_value_component_id" ON "extracted_value" ("component_id")',
    'CREATE UNIQUE INDEX "extracted_value_component_id_field" ON "extracted_value" ("component_id", "field")',
    (
        "CREATE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "'journal_entry is append-only'; END $$"
    ),
    (
        "CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entry EXECUTE "
        "FUNCTION journal_append_only()"
    ),
    (
        "CREATE FUNCTION money_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'money "
        "entries are append-only'; END $$"
    ),
    (
        "CREATE TRIGGER money_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON money_entry EXECUTE FUNCTION "
        "money_append_only()"
    ),
    (
        "CREATE TRIGGER money_leg_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON money_leg EXECUTE FUNCTION "
        "money_append_only()"
    ),
    "CREATE TABLE search_name (dossier_id BIGINT PRIMARY KEY, office_id TEXT NOT NULL, words TSVECTOR NOT NULL)",
    "CREATE INDEX search_name_words ON search_name USING gin (words)",
    "CREATE INDEX search_name_office ON search_name (office_id, dossier_id)",
    (
        'CREATE TABLE search_key (key TEXT COLLATE "C" NOT NULL, dossier_id BIGINT NOT NULL, office_id TEXT NOT '
        "NULL, PRIMARY KEY (key, dossier_id))"
    ),
    "CREATE INDEX search_key_dossier ON search_key (dossier_id)",
)
