"""Charts as marks in cells; canvas.py alone has plotext draw them."""
