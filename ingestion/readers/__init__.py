"""Readers: from a landed file to raw relations of text, with true record numbers and what could not be read."""
