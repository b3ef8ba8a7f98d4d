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
        'CREATE TABLE "catalogue_edition" ("id" INTEGER NOT NULL PRIMARY KEY, "sha256" TEXT NOT NULL, '
        '"text" TEXT NOT NULL, "loaded_at" TEXT NOT NULL, "loaded_by" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "catalogue_edition_sha256" ON "catalogue_edition" ("sha256")',
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
        'CREATE TABLE "item" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "number" TEXT NOT '
        'NULL, "dossier_id" INTEGER NOT NULL, "office_id" TEXT NOT NULL, "state" TEXT NOT NULL, "holder" '
        'TEXT NOT NULL, "offered_to" TEXT NOT NULL, "attempts" INTEGER NOT NULL, "collect" INTEGER NOT NULL, '
        '"created_at" TEXT NOT NULL, "updated_at" TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES '
        '"dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "item_uid" ON "item" ("uid")',
    'CREATE UNIQUE INDEX "item_number" ON "item" ("number")',
    'CREATE INDEX "item_dossier_id" ON "item" ("dossier_id")',
    'CREATE INDEX "item_office_id_state" ON "item" ("office_id", "state")',
    'CREATE INDEX "item_holder_state" ON "item" ("holder", "state")',
    (
        'CREATE TABLE "custody_event" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "item_id" '
        'INTEGER NOT NULL, "step" TEXT NOT NULL, "from_holder" TEXT NOT NULL, "to_holder" TEXT NOT NULL, '
        '"occurred_at" TEXT NOT NULL, "recorded_at" TEXT NOT NULL, "actor" TEXT NOT NULL, "device" TEXT NOT '
        'NULL, "device_seq" INTEGER, "parent" BLOB, "capture" TEXT NOT NULL, "reason" TEXT NOT NULL, '
        '"action" TEXT NOT NULL, "upu_code" TEXT NOT NULL, "note" TEXT NOT NULL, "evidence" TEXT NOT NULL, '
        'FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "custody_event_uid" ON "custody_event" ("uid")',
    'CREATE INDEX "custody_event_item_id" ON "custody_event" ("item_id")',
    (
        'CREATE TABLE "daily_number" ("id" INTEGER NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "day" TEXT '
        'NOT NULL, "last" INTEGER NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "daily_number_name_day" ON "daily_number" ("name", "day")',
    (
        'CREATE TABLE "reconciliation_run" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, '
        '"office_id" TEXT NOT NULL, "at" TEXT NOT NULL, "day" TEXT NOT NULL, "compared" INTEGER NOT NULL, '
        '"in_flight" INTEGER NOT NULL, "differences" INTEGER NOT NULL, "exchanged" INTEGER NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "reconciliation_run_uid" ON "reconciliation_run" ("uid")',
    (
        'CREATE TABLE "difference" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "run_id" '
        'INTEGER NOT NULL, "office_id" TEXT NOT NULL, "bucket" TEXT NOT NULL, "key" TEXT NOT NULL, "number" '
        'TEXT NOT NULL, "kind" TEXT NOT NULL, "owner" TEXT NOT NULL, "ours" TEXT NOT NULL, "theirs" TEXT '
        'NOT NULL, "explanation" TEXT NOT NULL, "found_at" TEXT NOT NULL, "closed_at" TEXT, "closed_by" '
        'TEXT NOT NULL, "repair" TEXT NOT NULL, "reason" TEXT NOT NULL, FOREIGN KEY ("run_id") REFERENCES '
        '"reconciliation_run" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "difference_uid" ON "difference" ("uid")',
    'CREATE INDEX "difference_run_id" ON "difference" ("run_id")',
    'CREATE INDEX "difference_office_id_closed_at" ON "difference" ("office_id", "closed_at")',
    'CREATE INDEX "difference_key_kind" ON "difference" ("key", "kind")',
    (
        'CREATE TABLE "draft" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "office_id" TEXT NOT '
        'NULL, "terminal_id" TEXT NOT NULL, "username" TEXT NOT NULL, "body" TEXT NOT NULL, "updated_at" '
        "TEXT NOT NULL)"
    ),
    'CREATE UNIQUE INDEX "draft_uid" ON "draft" ("uid")',
    'CREATE INDEX "draft_username" ON "draft" ("username")',
    (
        'CREATE TABLE "fee" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, "code" TEXT '
        'NOT NULL, "name" TEXT NOT NULL, "ledger" TEXT NOT NULL, "amount" INTEGER NOT NULL, "stage" TEXT '
        'NOT NULL, "paid_at" TEXT, "paid_by" TEXT NOT NULL, "method" TEXT NOT NULL, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "fee_dossier_id" ON "fee" ("dossier_id")',
    (
        'CREATE TABLE "feed_cursor" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, "cursor" '
        'INTEGER NOT NULL, "contact_at" TEXT, "clock_offset_ms" INTEGER NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "feed_cursor_office_id" ON "feed_cursor" ("office_id")',
    (
        'CREATE TABLE "idempotency" ("id" INTEGER NOT NULL PRIMARY KEY, "client" TEXT NOT NULL, "key" TEXT '
        'NOT NULL, "request_sha256" TEXT NOT NULL, "status" INTEGER NOT NULL, "body" TEXT NOT NULL, '
        '"created_at" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "idempotency_client_key" ON "idempotency" ("client", "key")',
    (
        'CREATE TABLE "item_range" ("id" INTEGER NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, "prefix" '
        'TEXT NOT NULL, "country" TEXT NOT NULL, "first" INTEGER NOT NULL, "last" INTEGER NOT NULL, "next" '
        "INTEGER NOT NULL)"
    ),
    'CREATE INDEX "item_range_office_id" ON "item_range" ("office_id")',
    (
        'CREATE TABLE "outbox" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "lane" TEXT NOT '
        'NULL, "kind" TEXT NOT NULL, "key" TEXT NOT NULL, "digest" TEXT NOT NULL, "state" TEXT NOT NULL, '
        '"doubt" INTEGER NOT NULL, "attempts" INTEGER NOT NULL, "not_before" TEXT NOT NULL, "lease_until" '
        'TEXT, "lease_token" INTEGER NOT NULL, "worker" TEXT NOT NULL, "office_id" TEXT NOT NULL, '
        '"terminal_id" TEXT, "dossier_id" INTEGER, "after_id" INTEGER, "priority" INTEGER NOT NULL, '
        '"error" TEXT NOT NULL, "result" TEXT, "created_at" TEXT NOT NULL, "settled_at" TEXT)'
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
        'CREATE TABLE "page" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "dossier_id" INTEGER '
        'NOT NULL, "component_id" INTEGER, "position" INTEGER NOT NULL, "name" TEXT NOT NULL, "sha256" '
        'TEXT NOT NULL, "media" TEXT NOT NULL, "width" INTEGER NOT NULL, "height" INTEGER NOT NULL, "dpi" '
        'INTEGER, "verdict" TEXT NOT NULL, "reason" TEXT NOT NULL, "findings" TEXT NOT NULL, "accepted_by" '
        'TEXT NOT NULL, "accepted_reason" TEXT NOT NULL, "created_at" TEXT NOT NULL, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN KEY ("component_id") '
        'REFERENCES "component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "page_uid" ON "page" ("uid")',
    'CREATE INDEX "page_dossier_id" ON "page" ("dossier_id")',
    'CREATE INDEX "page_component_id" ON "page" ("component_id")',
    'CREATE INDEX "page_dossier_id_component_id_position" ON "page" ("dossier_id", "component_id", "position")',
    (
        'CREATE TABLE "paper" ("id" INTEGER NOT NULL PRIMARY KEY, "uid" BLOB NOT NULL, "dossier_id" INTEGER '
        'NOT NULL, "component_id" INTEGER NOT NULL, "code" TEXT NOT NULL, "name" TEXT NOT NULL, "pages" '
        'INTEGER NOT NULL, "copy_sha256" TEXT NOT NULL, "copy_size" INTEGER NOT NULL, "signed_sha256" TEXT, '
        '"signed_size" INTEGER, "signer" TEXT NOT NULL, "signed_at" TEXT, "evidence" TEXT NOT NULL, '
        '"created_at" TEXT NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON DELETE '
        'RESTRICT, FOREIGN KEY ("component_id") REFERENCES "component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "paper_uid" ON "paper" ("uid")',
    'CREATE INDEX "paper_dossier_id" ON "paper" ("dossier_id")',
    'CREATE UNIQUE INDEX "paper_component_id" ON "paper" ("component_id")',
    'CREATE UNIQUE INDEX "paper_code" ON "paper" ("code")',
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
        'CREATE TABLE "proof" ("id" INTEGER NOT NULL PRIMARY KEY, "item_id" INTEGER, "result_id" INTEGER, '
        '"attempt" INTEGER NOT NULL, "receiver" TEXT NOT NULL, "relation" TEXT NOT NULL, "authorisation" '
        'TEXT NOT NULL, "identity_type" TEXT NOT NULL, "identity_last4" TEXT NOT NULL, "identity_matched" '
        'INTEGER NOT NULL, "signature_sha256" TEXT, "photo_sha256" TEXT, "position" TEXT NOT NULL, '
        '"collected" INTEGER NOT NULL, "at" TEXT NOT NULL, "digest" TEXT NOT NULL, FOREIGN KEY ("item_id") '
        'REFERENCES "item" ("id") ON DELETE RESTRICT, FOREIGN KEY ("result_id") REFERENCES "result" ("id") '
        "ON DELETE RESTRICT)"
    ),
    'CREATE INDEX "proof_item_id" ON "proof" ("item_id")',
    'CREATE INDEX "proof_result_id" ON "proof" ("result_id")',
    (
        'CREATE TABLE "province_receipt" ("id" INTEGER NOT NULL PRIMARY KEY, "dossier_id" INTEGER NOT NULL, '
        '"kind" TEXT NOT NULL, "key" TEXT NOT NULL, "number" TEXT NOT NULL, "digest" TEXT NOT NULL, "at" '
        'TEXT NOT NULL, "document" BLOB NOT NULL, "signature" BLOB NOT NULL, FOREIGN KEY ("dossier_id") '
        'REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "province_receipt_dossier_id" ON "province_receipt" ("dossier_id")',
    'CREATE UNIQUE INDEX "province_receipt_key" ON "province_receipt" ("key")',
    (
        'CREATE TABLE "schema_migration" ("name" TEXT NOT NULL PRIMARY KEY, "checksum" TEXT NOT NULL, '
        '"applied_at" TEXT NOT NULL)'
    ),
    (
        'CREATE TABLE "screen_event" ("id" INTEGER NOT NULL PRIMARY KEY, "at" TEXT NOT NULL, "office_id" '
        'TEXT NOT NULL, "terminal_id" TEXT NOT NULL, "kind" TEXT NOT NULL, "dossier_uid" BLOB)'
    ),
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
        "CREATE TRIGGER journal_entry_no_update BEFORE UPDATE ON journal_entry BEGIN SELECT RAISE(ABORT, "
        "'journal_entry is append-only'); END"
    ),
    (
        "CREATE TRIGGER journal_entry_no_delete BEFORE DELETE ON journal_entry BEGIN SELECT RAISE(ABORT, "
        "'journal_entry is append-only'); END"
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
        'CREATE TABLE "catalogue_edition" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "sha256" TEXT NOT NULL, '
        '"text" TEXT NOT NULL, "loaded_at" TIMESTAMPTZ NOT NULL, "loaded_by" TEXT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "catalogue_edition_sha256" ON "catalogue_edition" ("sha256")',
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
        'CREATE TABLE "item" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "number" TEXT NOT '
        'NULL, "dossier_id" BIGINT NOT NULL, "office_id" TEXT NOT NULL, "state" TEXT NOT NULL, "holder" '
        'TEXT NOT NULL, "offered_to" TEXT NOT NULL, "attempts" BIGINT NOT NULL, "collect" BIGINT NOT NULL, '
        '"created_at" TIMESTAMPTZ NOT NULL, "updated_at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("dossier_id") '
        'REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "item_uid" ON "item" ("uid")',
    'CREATE UNIQUE INDEX "item_number" ON "item" ("number")',
    'CREATE INDEX "item_dossier_id" ON "item" ("dossier_id")',
    'CREATE INDEX "item_office_id_state" ON "item" ("office_id", "state")',
    'CREATE INDEX "item_holder_state" ON "item" ("holder", "state")',
    (
        'CREATE TABLE "custody_event" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "item_id" '
        'BIGINT NOT NULL, "step" TEXT NOT NULL, "from_holder" TEXT NOT NULL, "to_holder" TEXT NOT NULL, '
        '"occurred_at" TIMESTAMPTZ NOT NULL, "recorded_at" TIMESTAMPTZ NOT NULL, "actor" TEXT NOT NULL, '
        '"device" TEXT NOT NULL, "device_seq" BIGINT, "parent" UUID, "capture" TEXT NOT NULL, "reason" '
        'TEXT NOT NULL, "action" TEXT NOT NULL, "upu_code" TEXT NOT NULL, "note" TEXT NOT NULL, "evidence" '
        'TEXT NOT NULL, FOREIGN KEY ("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "custody_event_uid" ON "custody_event" ("uid")',
    'CREATE INDEX "custody_event_item_id" ON "custody_event" ("item_id")',
    (
        'CREATE TABLE "daily_number" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "name" TEXT NOT NULL, "day" '
        'DATE NOT NULL, "last" BIGINT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "daily_number_name_day" ON "daily_number" ("name", "day")',
    (
        'CREATE TABLE "reconciliation_run" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, '
        '"office_id" TEXT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "day" TEXT NOT NULL, "compared" BIGINT NOT '
        'NULL, "in_flight" BIGINT NOT NULL, "differences" BIGINT NOT NULL, "exchanged" BIGINT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "reconciliation_run_uid" ON "reconciliation_run" ("uid")',
    (
        'CREATE TABLE "difference" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "run_id" '
        'BIGINT NOT NULL, "office_id" TEXT NOT NULL, "bucket" TEXT NOT NULL, "key" TEXT NOT NULL, "number" '
        'TEXT NOT NULL, "kind" TEXT NOT NULL, "owner" TEXT NOT NULL, "ours" TEXT NOT NULL, "theirs" TEXT '
        'NOT NULL, "explanation" TEXT NOT NULL, "found_at" TIMESTAMPTZ NOT NULL, "closed_at" TIMESTAMPTZ, '
        '"closed_by" TEXT NOT NULL, "repair" TEXT NOT NULL, "reason" TEXT NOT NULL, FOREIGN KEY ("run_id") '
        'REFERENCES "reconciliation_run" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "difference_uid" ON "difference" ("uid")',
    'CREATE INDEX "difference_run_id" ON "difference" ("run_id")',
    'CREATE INDEX "difference_office_id_closed_at" ON "difference" ("office_id", "closed_at")',
    'CREATE INDEX "difference_key_kind" ON "difference" ("key", "kind")',
    (
        'CREATE TABLE "draft" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "office_id" TEXT '
        'NOT NULL, "terminal_id" TEXT NOT NULL, "username" TEXT NOT NULL, "body" TEXT NOT NULL, "updated_at" '
        "TIMESTAMPTZ NOT NULL)"
    ),
    'CREATE UNIQUE INDEX "draft_uid" ON "draft" ("uid")',
    'CREATE INDEX "draft_username" ON "draft" ("username")',
    (
        'CREATE TABLE "fee" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, "code" '
        'TEXT NOT NULL, "name" TEXT NOT NULL, "ledger" TEXT NOT NULL, "amount" BIGINT NOT NULL, "stage" '
        'TEXT NOT NULL, "paid_at" TIMESTAMPTZ, "paid_by" TEXT NOT NULL, "method" TEXT NOT NULL, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "fee_dossier_id" ON "fee" ("dossier_id")',
    (
        'CREATE TABLE "feed_cursor" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"cursor" BIGINT NOT NULL, "contact_at" TIMESTAMPTZ, "clock_offset_ms" BIGINT NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "feed_cursor_office_id" ON "feed_cursor" ("office_id")',
    (
        'CREATE TABLE "idempotency" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "client" TEXT NOT NULL, "key" '
        'TEXT NOT NULL, "request_sha256" TEXT NOT NULL, "status" BIGINT NOT NULL, "body" TEXT NOT NULL, '
        '"created_at" TIMESTAMPTZ NOT NULL)'
    ),
    'CREATE UNIQUE INDEX "idempotency_client_key" ON "idempotency" ("client", "key")',
    (
        'CREATE TABLE "item_range" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "office_id" TEXT NOT NULL, '
        '"prefix" TEXT NOT NULL, "country" TEXT NOT NULL, "first" BIGINT NOT NULL, "last" BIGINT NOT NULL, '
        '"next" BIGINT NOT NULL)'
    ),
    'CREATE INDEX "item_range_office_id" ON "item_range" ("office_id")',
    (
        'CREATE TABLE "outbox" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "lane" TEXT NOT '
        'NULL, "kind" TEXT NOT NULL, "key" TEXT COLLATE "C" NOT NULL, "digest" TEXT NOT NULL, "state" '
        'TEXT NOT NULL, "doubt" BOOLEAN NOT NULL, "attempts" BIGINT NOT NULL, "not_before" TIMESTAMPTZ NOT '
        'NULL, "lease_until" TIMESTAMPTZ, "lease_token" BIGINT NOT NULL, "worker" TEXT NOT NULL, '
        '"office_id" TEXT NOT NULL, "terminal_id" TEXT, "dossier_id" BIGINT, "after_id" BIGINT, '
        '"priority" BIGINT NOT NULL, "error" TEXT NOT NULL, "result" TEXT, "created_at" TIMESTAMPTZ NOT '
        'NULL, "settled_at" TIMESTAMPTZ)'
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
        'CREATE TABLE "page" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "dossier_id" BIGINT '
        'NOT NULL, "component_id" BIGINT, "position" BIGINT NOT NULL, "name" TEXT NOT NULL, "sha256" TEXT '
        'NOT NULL, "media" TEXT NOT NULL, "width" BIGINT NOT NULL, "height" BIGINT NOT NULL, "dpi" BIGINT, '
        '"verdict" TEXT NOT NULL, "reason" TEXT NOT NULL, "findings" TEXT NOT NULL, "accepted_by" TEXT NOT '
        'NULL, "accepted_reason" TEXT NOT NULL, "created_at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("dossier_id") '
        'REFERENCES "dossier" ("id") ON DELETE RESTRICT, FOREIGN KEY ("component_id") REFERENCES '
        '"component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "page_uid" ON "page" ("uid")',
    'CREATE INDEX "page_dossier_id" ON "page" ("dossier_id")',
    'CREATE INDEX "page_component_id" ON "page" ("component_id")',
    'CREATE INDEX "page_dossier_id_component_id_position" ON "page" ("dossier_id", "component_id", "position")',
    (
        'CREATE TABLE "paper" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "dossier_id" '
        'BIGINT NOT NULL, "component_id" BIGINT NOT NULL, "code" TEXT NOT NULL, "name" TEXT NOT NULL, '
        '"pages" BIGINT NOT NULL, "copy_sha256" TEXT NOT NULL, "copy_size" BIGINT NOT NULL, "signed_sha256" '
        'TEXT, "signed_size" BIGINT, "signer" TEXT NOT NULL, "signed_at" TIMESTAMPTZ, "evidence" TEXT NOT '
        'NULL, "created_at" TIMESTAMPTZ NOT NULL, FOREIGN KEY ("dossier_id") REFERENCES "dossier" ("id") ON '
        'DELETE RESTRICT, FOREIGN KEY ("component_id") REFERENCES "component" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE UNIQUE INDEX "paper_uid" ON "paper" ("uid")',
    'CREATE INDEX "paper_dossier_id" ON "paper" ("dossier_id")',
    'CREATE UNIQUE INDEX "paper_component_id" ON "paper" ("component_id")',
    'CREATE UNIQUE INDEX "paper_code" ON "paper" ("code")',
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
        'CREATE TABLE "proof" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "item_id" BIGINT, "result_id" BIGINT, '
        '"attempt" BIGINT NOT NULL, "receiver" TEXT NOT NULL, "relation" TEXT NOT NULL, "authorisation" '
        'TEXT NOT NULL, "identity_type" TEXT NOT NULL, "identity_last4" TEXT NOT NULL, "identity_matched" '
        'BOOLEAN NOT NULL, "signature_sha256" TEXT, "photo_sha256" TEXT, "position" TEXT NOT NULL, '
        '"collected" BIGINT NOT NULL, "at" TIMESTAMPTZ NOT NULL, "digest" TEXT NOT NULL, FOREIGN KEY '
        '("item_id") REFERENCES "item" ("id") ON DELETE RESTRICT, FOREIGN KEY ("result_id") REFERENCES '
        '"result" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "proof_item_id" ON "proof" ("item_id")',
    'CREATE INDEX "proof_result_id" ON "proof" ("result_id")',
    (
        'CREATE TABLE "province_receipt" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "dossier_id" BIGINT NOT NULL, '
        '"kind" TEXT NOT NULL, "key" TEXT NOT NULL, "number" TEXT NOT NULL, "digest" TEXT NOT NULL, "at" '
        'TIMESTAMPTZ NOT NULL, "document" BYTEA NOT NULL, "signature" BYTEA NOT NULL, FOREIGN KEY '
        '("dossier_id") REFERENCES "dossier" ("id") ON DELETE RESTRICT)'
    ),
    'CREATE INDEX "province_receipt_dossier_id" ON "province_receipt" ("dossier_id")',
    'CREATE UNIQUE INDEX "province_receipt_key" ON "province_receipt" ("key")',
    (
        'CREATE TABLE "schema_migration" ("name" TEXT NOT NULL PRIMARY KEY, "checksum" TEXT NOT NULL, '
        '"applied_at" TIMESTAMPTZ NOT NULL)'
    ),
    (
        'CREATE TABLE "screen_event" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "at" TIMESTAMPTZ NOT NULL, '
        '"office_id" TEXT NOT NULL, "terminal_id" TEXT NOT NULL, "kind" TEXT NOT NULL, "dossier_uid" UUID)'
    ),
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
        "CREATE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION "
        "'journal_entry is append-only'; END $$"
    ),
    (
        "CREATE TRIGGER journal_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_entry EXECUTE "
        "FUNCTION journal_append_only()"
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
