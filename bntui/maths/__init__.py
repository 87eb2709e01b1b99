"""The mathematics, in plain numpy: stages, factors and the anatomy of a step."""
