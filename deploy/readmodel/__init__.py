"""The read models from outside: folded from the log by other code than the SQL that writes them."""
