"""The events of NHIS (his.bg), e-Immunization; it may import what all contracts share, and no other system's."""
