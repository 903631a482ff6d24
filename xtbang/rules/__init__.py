"""The arithmetic of the policy: pure functions and frozen values, no Flask, no database."""
