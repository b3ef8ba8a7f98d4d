"""The screens and the API."""
