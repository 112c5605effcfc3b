"""One file per page, and the frame that runs the one asked for."""
