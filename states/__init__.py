"""What is true: the pure core. No input or output, no clock, no randomness."""
