"""The first schema. Written by agent.store.migrations.draft; frozen with the first release."""

SQLITE = (
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
    ('CREATE INDEX "outbox_due" ON "outbox" ("lane", "priority", "id") WHERE state IN (\'ready\', \'unknown\')'),
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
        'CREATE TABLE "outbox_payload" ("job_id" INTEGER NOT NULL PRIMARY KEY, "body" BLOB NOT NULL, FOREIGN '
        'KEY ("job_id") REFERENCES "outbox" ("id") ON DELETE CASCADE)'
    ),
    (
        'CREATE TABLE "schema_migration" ("name" TEXT NOT NULL PRIMARY KEY, "checksum" TEXT NOT NULL, '
        '"applied_at" TEXT NOT NULL)'
    ),
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
        'CREATE TABLE "outbox" ("id" BIGSERIAL NOT NULL PRIMARY KEY, "uid" UUID NOT NULL, "lane" TEXT NOT '
        'NULL, "kind" TEXT NOT NULL, "key" TEXT NOT NULL, "digest" TEXT NOT NULL, "state" TEXT NOT NULL, '
        '"doubt" BOOLEAN NOT NULL, "attempts" BIGINT NOT NULL, "not_before" TIMESTAMPTZ NOT NULL, '
        '"lease_until" TIMESTAMPTZ, "lease_token" BIGINT NOT NULL, "worker" TEXT NOT NULL, "office_id" TEXT '
        'NOT NULL, "terminal_id" TEXT, "dossier_id" BIGINT, "after_id" BIGINT, "priority" BIGINT NOT NULL, '
        '"error" TEXT NOT NULL, "result" TEXT, "created_at" TIMESTAMPTZ NOT NULL, "settled_at" TIMESTAMPTZ)'
    ),
    'CREATE UNIQUE INDEX "outbox_uid" ON "outbox" ("uid")',
    'CREATE UNIQUE INDEX "outbox_key" ON "outbox" ("key")',
    'CREATE INDEX "outbox_dossier_id" ON "outbox" ("dossier_id")',
    'CREATE INDEX "outbox_state_lane_id" ON "outbox" ("state", "lane", "id")',
    ('CREATE INDEX "outbox_due" ON "outbox" ("lane", "priority", "id") WHERE state IN (\'ready\', \'unknown\')'),
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
        'CREATE TABLE "outbox_payload" ("job_id" BIGINT NOT NULL PRIMARY KEY, "body" BYTEA NOT NULL, FOREIGN '
        'KEY ("job_id") REFERENCES "outbox" ("id") ON DELETE CASCADE)'
    ),
    (
        'CREATE TABLE "schema_migration" ("name" TEXT NOT NULL PRIMARY KEY, "checksum" TEXT NOT NULL, '
        '"applied_at" TIMESTAMPTZ NOT NULL)'
    ),
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
