"""Any Python job again, over what it read before, into topics that nobody else reads."""
