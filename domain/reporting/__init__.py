"""Reporting: measures and lists that open into the rows behind them."""
