"""People and programs that use the agent: users, sessions, tokens, permissions, the access log."""
