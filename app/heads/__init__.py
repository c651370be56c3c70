"""Rendered 3-D heads: people who do not exist, at any pose, with the truth known."""
