"""One module for each command of `herald`.

May import every room of the worker, but no national system by name.
"""
