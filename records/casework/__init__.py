"""Casework: cases, and the directory of services that people are referred to."""
