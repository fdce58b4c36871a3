"""Erasure: what is erased and when, what stays at providers, and what is kept about one contact."""
