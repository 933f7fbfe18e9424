"""What people ask for: commands taken through the one write path, deadlines, queries and replay; no I/O of its own."""
