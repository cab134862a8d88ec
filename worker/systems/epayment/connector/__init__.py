"""ePayments over the state's ESB: its connector in place of the signed forms; the same events and the same rules."""
