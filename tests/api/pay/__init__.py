"""The pay page and what stands behind it, through HTTP."""
