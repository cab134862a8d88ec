"""The one place where a worker's parts are put together: keys, systems, and what serves each. Nothing is started.

It may import everything below it: the edges (`kafka`, `journal`), the pipeline, the systems and the settings.
"""
