"""Rosters as offices send them: xlsx, xls and text, read row by row."""
