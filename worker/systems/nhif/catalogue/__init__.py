"""The catalogue of NHIF's services: what each takes and gives, from files; may import no other module of NHIF's."""
