"""The schema's history; a landed migration is never edited."""
