"""Looking for news at national systems: each place at its pace, by one worker at a time, with the journal's cursor.

One looker for each system that has places to look at, in every worker. It may import what `worker.inbound` may.
"""
