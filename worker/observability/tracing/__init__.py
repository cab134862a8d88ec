"""Traces of submissions: the spans as every room sees them, and OpenTelemetry behind them, an optional extra. It imports no other room."""
