"""Media is hostile: it is decoded only in a sealed child, and nothing but pixels comes back."""
