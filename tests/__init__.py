"""The tests of Jejak Sinyal."""
