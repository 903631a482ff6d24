"""The policy (政策): ``workflows/`` read into frozen values, and the engine that acts by it."""
