"""The kinds of activation, normalization, optimizer and cost: one object each, which states all that is to be known of it."""
