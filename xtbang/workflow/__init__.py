"""The policy loaded and at work."""
