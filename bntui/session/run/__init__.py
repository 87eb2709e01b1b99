"""The network under way: what a scenario makes fixed, the one function that moves a moment on, and the tree of moments."""
