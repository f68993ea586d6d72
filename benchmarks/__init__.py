"""Ratios that `make bench` prints: our work over a floor that nobody can undercut."""
