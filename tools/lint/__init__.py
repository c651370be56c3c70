"""House rules that no ready-made linter knows, read from the tree: `python -m tools.lint`."""
