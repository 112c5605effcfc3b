"""Writes down what the systems around the returns would send, each in its own format and with its own habits."""
