"""Spans of submissions, and OpenTelemetry behind them, an optional extra. It imports no other room."""
