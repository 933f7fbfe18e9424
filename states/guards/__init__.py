"""One small function for each rule of the process: it returns why a command must be refused, or None."""
