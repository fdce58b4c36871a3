"""Staff: what the people at the desk see, write and do, who they are and when they are there."""
