"""Mutation testing of the rooms that everything rests on: a fault is planted in each expression, and some test must fail."""
