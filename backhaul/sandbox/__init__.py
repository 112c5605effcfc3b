"""SQL of analysts, run where it can do no harm: a process of its own for each query, over the published file only.

``check`` lets one SELECT over the published tables through; ``worker`` runs it under limits that the engine and the
operating system keep; ``pool`` keeps processes warm and sees that nobody takes them all. It is made for people who are
trusted to read the whole published file: nothing inside DuckDB hides one table of it from those who may ask.
"""
