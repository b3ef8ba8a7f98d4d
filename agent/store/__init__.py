"""Rows, transactions, the outbox and the journal: the only place with SQL."""
