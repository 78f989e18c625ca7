"""A plausible shop on the real topics: seeded life of the shop, and a sender that paces it."""
