"""The agent's pages and API."""
