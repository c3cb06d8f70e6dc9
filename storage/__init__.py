"""What is remembered: tables, their queries, migrations."""
