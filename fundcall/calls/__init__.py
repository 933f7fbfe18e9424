"""The calls as data, one TOML file each, and their reading."""
