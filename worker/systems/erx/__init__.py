"""eRx, the prescription register (HL7 FHIR Lite), behind the System port.

May import the shared files of `worker.systems`, and what those may import.
"""
