"""Use cases at the counter, one verb a file."""
