"""The hand-off contract, its client and the sandbox province."""
