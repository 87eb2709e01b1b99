"""bntui: a terminal explorer of batch normalization."""
