"""Devices made of software, written from the makers' manuals, that ship for training and for tests."""
