"""Speed and memory of the whole bot, measured from outside: ``python -m benchmarks``."""
