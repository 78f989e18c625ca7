"""Stage 4: golden tests, YAML of given rows with times and watermarks and of expected rows."""
