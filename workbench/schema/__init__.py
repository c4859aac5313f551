"""The catalogue of metrics, resources and tables, which every other wing reads. It uses no other wing."""
