"""The arithmetic of the policy: pure functions and frozen values, without Flask or a database."""
