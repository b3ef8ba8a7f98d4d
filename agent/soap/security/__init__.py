"""What protects a message on its way: tokens, signatures and their strict verifier, X-Road headers."""
