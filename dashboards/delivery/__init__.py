"""Reports and alerts that go to people: what ``deliveries.yml`` asks for, made for each publish and sent once."""
