"""The events of NHIS (his.bg), e-Immunization: their models, rules, code list uses and examples."""
