"""What the platforms deliver: a feed a file."""
