"""ePayments over the state's ESB: its connector in place of the signed forms; the same events and rules.

May import what ePayments and the ESB share with it, and no other system.
"""
