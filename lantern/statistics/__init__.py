"""Statistics: how many people wrote, in cells of eleven or more, a quarter at a time, each quarter published once."""
