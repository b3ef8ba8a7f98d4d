"""Profiles: provinces that differ, each a WSDL and one declarative file."""
