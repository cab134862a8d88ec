"""The Grafana dashboards: code that writes the JSON files beside it (`make dashboards`).

It is no part of the wheel. It imports the registry of metrics, so that no query names a metric that there is not.
"""
