"""Content: every word and rule of the line as data, read and checked by small typed modules."""
