"""Couriers' phones: paired and revoked, their round, their pictures, codes of receivers."""
