"""Tools of the Correct dock: one gesture and one key each."""
