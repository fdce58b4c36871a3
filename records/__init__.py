"""Records: the tables, their seals, and the named queries. It keeps and finds; it decides nothing."""
