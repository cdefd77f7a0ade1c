"""The durable log of accepted events, the truth that everything else is projected from."""
