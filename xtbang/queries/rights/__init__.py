"""Rights (可见范围): who may see which projects, parts of a project's page, bids and files."""
