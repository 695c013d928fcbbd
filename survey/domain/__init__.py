"""What the trade knows: limits, operators, visits, reviews, flags. Standard library only."""
