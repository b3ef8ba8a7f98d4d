"""Users, roles, sessions, tokens and the access log."""
