"""Tools for developers: they read the source, they are not part of what is installed."""
