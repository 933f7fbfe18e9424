"""What people are told, and that they were told it."""
