"""What goes on in the world: a phenomenon a file."""
