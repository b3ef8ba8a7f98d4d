"""Adapters to systems that issue official fee receipts."""
