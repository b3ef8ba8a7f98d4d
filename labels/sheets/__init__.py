"""Sheets for the office's own printer, A4 PDF: covers to feed between papers, cards to laminate, a reader's set-up."""
