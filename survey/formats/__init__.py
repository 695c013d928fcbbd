"""Bytes to domain values and back, pure: no database, no Flask."""
