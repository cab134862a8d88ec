"""What eDelivery (ССЕВ) and the systems that deliver by it share: a part of theirs, and no system itself."""
