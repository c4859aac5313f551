"""The client of LinkedIn's REST API: requests, limits, errors, and the models that every answer is checked against."""
