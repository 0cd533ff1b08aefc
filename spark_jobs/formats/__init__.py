"""Forms in which objects are delivered: one module each, named like `format.type` in a source's contract."""
