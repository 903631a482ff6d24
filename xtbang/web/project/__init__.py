"""The page of a project, its actions and its files."""
