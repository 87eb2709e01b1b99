"""A session: a scenario and the actions taken in it."""
