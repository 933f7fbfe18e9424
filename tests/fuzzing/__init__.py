"""Whatever comes from outside is given to the parsers of the product, changed in every way: `python -m tests.fuzzing --help`."""
