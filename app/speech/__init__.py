"""Spoken prompts for the phone page: small audio files made from text on this machine."""
