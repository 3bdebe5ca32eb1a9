"""Compares the Ray code that the model cites with another state of Ray. See specs/drift/README.md."""
