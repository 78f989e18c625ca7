"""Telling sales channels what the shop's jobs decide: stock, prices, and what becomes of orders."""
