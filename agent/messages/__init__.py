"""Adapter: messages to citizens by an HTTP gateway, as files for another program, or told of in the log."""
