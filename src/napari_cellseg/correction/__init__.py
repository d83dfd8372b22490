"""Corrections: edits by hand that survive every new automatic result."""
