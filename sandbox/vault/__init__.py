"""The transit engine of HashiCorp Vault and OpenBao, as far as signing needs it."""
