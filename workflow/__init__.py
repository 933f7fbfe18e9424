"""What people ask for: commands in, events out, through ports only."""
