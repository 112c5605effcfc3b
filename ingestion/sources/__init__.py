"""The kinds of source: a folder each, with its contract, its quirks and, where the format asks for it, its reader."""
