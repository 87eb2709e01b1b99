"""From text to a scenario that is valid, or to every complaint at once."""
