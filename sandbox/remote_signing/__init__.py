"""What the stand-ins of signing providers share: the signers' keys, and signatures, right or wrong on request."""
