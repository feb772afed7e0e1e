"""What makes a number say less than it seems to: as data, and as a sentence in two languages."""
