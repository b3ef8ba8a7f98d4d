"""Page sources: scanners that SANE knows, and folders that others scan to."""
