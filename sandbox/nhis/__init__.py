"""A stand-in for the national health information system (NHIS), its e-immunization part."""
