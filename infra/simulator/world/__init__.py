"""A small world of social commerce: people, and what they do and do to each other. It knows no wire format."""
