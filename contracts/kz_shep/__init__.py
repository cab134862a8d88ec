"""The event of Kazakhstan's SHEP gateway: the search for medical exemptions."""
