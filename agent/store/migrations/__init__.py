"""Numbered changes of the schema, each with its SQL for both databases."""
