"""A stand-in for the state ESB: tokens, the gateway, and the small services behind it; not a system of its own."""
