"""Drivers: one language spoken over any link, with an honest outcome."""
