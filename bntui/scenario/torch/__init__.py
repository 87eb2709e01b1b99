"""A scenario as a program of plain PyTorch, which a student can run and read beside the screen."""
