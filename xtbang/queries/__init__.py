"""Questions to the database: read only."""
