"""The township office's console: HTML from the server, for staff."""
