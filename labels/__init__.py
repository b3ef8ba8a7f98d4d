"""Labels and paper forms: from a spec to bytes for a printer, and a proof that they can be read."""
