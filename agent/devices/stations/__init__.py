"""Stations: one device each, with the thread that owns it."""
