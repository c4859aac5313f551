"""LinkedIn's REST endpoints over the invented world, with the vendor's own rules and refusals."""
