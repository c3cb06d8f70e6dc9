"""How whoever looks after the machine sees that the bot is well: metrics, health, a heartbeat."""
