"""A whole call on a simulated clock: seeded people file, check, review, award, carry out and close applications."""
