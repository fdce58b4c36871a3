"""The providers: one module each. Knows how to read, send and name failures; decides nothing."""
