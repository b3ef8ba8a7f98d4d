"""postal-agent: the government's one-stop desk at a post-office counter."""

__version__ = "0.1.0"
