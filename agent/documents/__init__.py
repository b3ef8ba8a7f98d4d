"""Pages to checked pages to PDF/A to signature to vault."""
