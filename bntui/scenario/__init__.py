"""From YAML to a validated model, and from the model to a network and its data."""
