"""Messages: the way of a message through the tables, from its arrival over its turn to its sending."""
