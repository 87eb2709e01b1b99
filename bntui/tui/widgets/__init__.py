"""Small widgets that draw lines."""
