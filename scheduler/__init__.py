"""When something is due, and whether it arrived."""
