"""People and how they come in: accounts, what they may act as, sessions, passwords, second factors. Knows no database."""
