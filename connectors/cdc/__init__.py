"""Change data capture: the shop's own tables in Postgres, and the topics of their changes."""
