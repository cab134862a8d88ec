"""B-Trust's Automatic Remote Signing, as far as public sources tell it."""
