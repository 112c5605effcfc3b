"""The vendors of the simulated business as they are reached: their HTTP APIs, and the webhooks that they send."""

# the connections that hold the API's key and the webhooks' secret; events are a source of that name
API_KEY, EVENTS = "easypost", "easypost_events"
