"""NHIS (НЗИС, his.bg), e-immunization: the package behind the System port."""
