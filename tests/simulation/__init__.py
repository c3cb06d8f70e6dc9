"""Weeks of a cohort's life in seconds: the real planner and postman, virtual time, seeded harm."""
