"""The sandbox of RegiX V2; imports nothing of Herald's but `sandbox`."""
