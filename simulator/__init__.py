"""A returns business whose truth is known: it writes the files that vendors would send, and what they add up to."""
