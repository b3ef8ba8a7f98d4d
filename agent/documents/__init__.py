"""Pages become checked pages, PDF/A copies, signatures and vault objects."""
