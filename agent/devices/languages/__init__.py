"""Device languages: bytes to meaning and back, with no input or output."""
