"""Facts of a sentence (numbers, dates, names ...), and what disagrees between the two sides of a pair."""
