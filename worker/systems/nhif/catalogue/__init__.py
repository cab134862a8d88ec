"""The catalogue of NHIF's services: what each takes and gives, read from files; imports no other module of NHIF's."""
