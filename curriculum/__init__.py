"""What we teach, for whom, by which rule."""
