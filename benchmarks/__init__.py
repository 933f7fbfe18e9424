"""What the product's speed and size are measured against: raw floors, Django, and itself, in one run."""
