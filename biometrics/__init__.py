"""A library of faces: bytes in, frozen results out. It knows no person, table or request."""
