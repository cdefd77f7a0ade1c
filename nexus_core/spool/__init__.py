"""A durable folder of events on their way to the API."""
