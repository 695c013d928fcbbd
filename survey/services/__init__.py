"""What may happen: one function, one transaction. No Flask, no SQL."""
