"""EPCIS events, as XML (1.2, 2.0) and JSON-LD (2.0)."""
