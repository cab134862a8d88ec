"""NHIS of Bulgaria (НЗИС, his.bg), e-immunization; it may import what systems share, and no other system."""
