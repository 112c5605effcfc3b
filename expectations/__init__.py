"""The gates: what is expected of a batch before its commit, and of the marts before they are published."""
