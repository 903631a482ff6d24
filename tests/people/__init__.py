"""Tests of organisations, their people and the officers, without Flask."""
