"""What a submission costs, beside what others need for the same files. See `__main__`."""
