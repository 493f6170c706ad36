"""One module per step; each knows the step before it."""
