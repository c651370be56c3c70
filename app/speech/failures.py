"""What may be in the way of speech; nothing of it stops the product."""


class NoSynthesizer(Exception):  # noqa: N818 - a state, named as it is said
    """A voice cannot be made on this machine; one line, fit to print."""
