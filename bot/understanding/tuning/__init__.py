"""Tuning: fits the encoder's layers to our examples. `./run tune` runs it with Python 3.11 and torch."""
