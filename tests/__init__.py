"""What shows that the product does what it says. Folders mirror the code; names of tests are sentences."""
