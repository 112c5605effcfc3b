"""Ingestion: from the outside into the lake, batch by batch. It knows nothing of what is made of the lake."""
