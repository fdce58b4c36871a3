"""Figures: how the line stands and how it does, in numbers that point at nobody."""
