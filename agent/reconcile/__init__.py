"""Digests, matching, explained differences and repairs."""
