"""Who looked at a record that nobody can read, and what they found out about it."""

SQL = """
ALTER TABLE quarantine ADD COLUMN settled_by INTEGER REFERENCES users (key);
ALTER TABLE quarantine ADD COLUMN remark TEXT CHECK (length(remark) <= 2000);
"""
