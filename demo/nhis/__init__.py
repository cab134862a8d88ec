"""A hospital's morning with NHIS."""
