"""The events and replies as models, one package a system; it may import nothing else of Herald's."""
