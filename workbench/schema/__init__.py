"""Which metrics, resources and tables there are: the catalogue every other wing reads. It uses no other wing."""
