"""Bar code readers: bytes of a wire to scans."""
