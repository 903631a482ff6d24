"""Tests of what belongs to a project but has a life of its own."""
