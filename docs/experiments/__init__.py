"""The papers' experiments in networks of a few hundred weights, each a module with the design, the run and what it says."""
