"""The release tier: every campaign and brute force, each by its command, and the page that tells what they found."""
