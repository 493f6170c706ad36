"""The engine beside what one would take instead: ``python -m benchmarks.engines``."""
