"""The second matcher: dlib's face descriptor on another runtime. May veto, never lift a pass."""
