"""Dead letters: what they say, which of them were put back, and how that is done exactly once."""
