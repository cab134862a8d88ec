"""The state's ESB (integr-*.egov.bg), through which several systems are reached: a part, no system.

May import what systems share; no system imports it but those that are reached through it.
"""
