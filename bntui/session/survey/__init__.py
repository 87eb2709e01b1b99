"""What is asked of a frozen situation, never of a session: sweeps, the landscape, the growth of gradients."""
