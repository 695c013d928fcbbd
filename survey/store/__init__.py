"""The only SQL of the project: one module a table family, functions take a connection first."""
