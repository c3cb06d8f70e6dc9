"""Learning records as files people can open."""
