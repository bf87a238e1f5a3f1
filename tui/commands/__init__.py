"""What the keys do: one module for each group of the key table, and for what needs room of its own."""
