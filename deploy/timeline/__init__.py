"""Everything that happened to an order, a customer or a sku, and what was decided, from the log."""
