"""The desk (待办): what waits for a person, and what is due when."""
