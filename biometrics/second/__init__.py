"""The second matcher: dlib's descriptor on another runtime. May doubt, never lift a pass."""
