"""Search and single assets, from the store and the graph."""
