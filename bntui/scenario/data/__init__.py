"""From the model to the network and the numbers that it starts with."""
