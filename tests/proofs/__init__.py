"""Proofs that take real processes: kills, freezes, and a database that goes away."""
