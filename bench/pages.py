"""Pages: what a reader waits for, on a small business and on a large one, alone and among others while a build runs.

The dashboards are served over each home in turn; readers open sessions as a browser does, so that what is measured is
the server's time until the last of a page was sent. First the first page after the start, then every page warm in both
languages; then twenty sessions that each think for five seconds between pages while the larger home is built whole.
Limits: the first page 3 s; warm, the 95th percentile 0.5 s on the larger home and 1.1 times that of the smaller; among
twenty, 1.5 s, no error, and 5 MB of the server's memory a session.

Run it with ``python -m bench.pages SMALL LARGE`` (two homes that have published); it ends with 1 when a limit is
broken. The same work is also timed without the pages: a round of a fixed sum, alone, so that another machine can tell
how fast this one was.
"""
