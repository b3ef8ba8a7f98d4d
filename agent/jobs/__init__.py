"""Claim, handle, settle: what leaves the outbox."""
