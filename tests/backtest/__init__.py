"""Simulated organisations whose future is known, to see how often forecasts of it were right: `make backtest`."""
